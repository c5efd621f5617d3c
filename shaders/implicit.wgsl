// Implicit features: matrix (sum of the fixed rows of a row's ratings - count mean), one row a workgroup
// (docs/maths.md, "Implicit features"). CPU form: src/train/row/normal; host twin: src/gpu/kernels/implicit.rs.
//
// Constants: FACTORS; STRIDE, numbers from one row to the next, a multiple of 4; WORKGROUP, a multiple of
// STRIDE / 4.

struct Entry {
    row: u32,
    start: u32,
    end: u32,
    activity: u32,
    first_part: u32,
    parts: u32,
}

struct Rating {
    other: u32,
    value: f32,
}

@group(0) @binding(0) var<storage, read> entries: array<Entry>;
@group(0) @binding(1) var<storage, read> ratings: array<Rating>;
@group(0) @binding(2) var<storage, read> still: array<vec4<f32>>;
// The matrix, in FACTORS rows of STRIDE / 4 quads; then the mean.
@group(0) @binding(3) var<storage, read> numbers: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> implicit_rows: array<f32>;

const QUADS = STRIDE / 4u;
const_assert WORKGROUP % QUADS == 0u;
// The number of invocations that share the ratings of a row.
const SHARES = WORKGROUP / QUADS;

var<workgroup> sums: array<vec4<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn implicit(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = flat_workgroup(workgroup, workgroups);
    if number >= arrayLength(&entries) {
        return;
    }
    let entry = entries[number];
    let quad = lane % QUADS;
    var sum = vec4<f32>(0.0);
    for (var n = entry.start + lane / QUADS; n < entry.end; n += SHARES) {
        sum += still[ratings[n].other * QUADS + quad];
    }
    sums[lane] = sum;
    workgroupBarrier();
    if lane < QUADS {
        for (var share = 1u; share < SHARES; share++) {
            sum += sums[share * QUADS + lane];
        }
        sums[lane] = sum - f32(entry.end - entry.start) * numbers[FACTORS * QUADS + lane];
    }
    workgroupBarrier();
    for (var n = lane; n < FACTORS; n += WORKGROUP) {
        var products = vec4<f32>(0.0);
        for (var quad = 0u; quad < QUADS; quad++) {
            products = fma(numbers[n * QUADS + quad], sums[quad], products);
        }
        implicit_rows[entry.row * STRIDE + n] = (products.x + products.y) + (products.z + products.w);
    }
}
