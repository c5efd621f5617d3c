// Rows times a square matrix: rows of the fixed side in the coordinates of a sweep, or rows that were solved
// in them turned back (docs/maths.md, "Every row on its shorter side"). CPU form:
// src/train/row/normal/axes.rs; host twin: src/gpu/kernels/turn.rs.
//
// A row has FACTORS numbers and a last one. On the way there the last one is `one`, and the results lie in
// rows of TURNED quads, the last number behind the others. On the way back it becomes the row's bias.
// Constants: FACTORS; IN and OUT, the quads of a row of the source and of the target; BACK, 1 on the way
// back, else 0.

struct Params {
    one: f32,
    count: u32,
}

struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
// The matrix in rows of TURNED quads; on the way back it is transposed.
@group(0) @binding(2) var<storage, read> matrix: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> goal: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> states: array<State>;

const TURNED = (FACTORS + 4u) / 4u;
const SIZE = FACTORS + 1u;
// A workgroup computes ROWS rows of COLUMNS quads. An invocation has four rows of one quad.
const ROWS = 32u;
const COLUMNS = 8u;
const WORKGROUP = ROWS / 4u * COLUMNS;
// Numbers of a row that are multiplied at a time, in quads.
const DEPTH = 4u;
const TILES = (TURNED + COLUMNS - 1u) / COLUMNS;

var<workgroup> left: array<vec4<f32>, ROWS * DEPTH>;
var<workgroup> right: array<vec4<f32>, 4u * DEPTH * COLUMNS>;

// Four numbers of a row.
fn source_quad(place: u32, quad: u32) -> vec4<f32> {
    if place >= params.count || quad >= TURNED {
        return vec4<f32>(0.0);
    }
    var numbers = vec4<f32>(0.0);
    if quad < IN {
        numbers = source[rows[place] * IN + quad];
    }
    if BACK == 0u {
        let at = 4u * quad + vec4<u32>(0u, 1u, 2u, 3u);
        numbers = select(numbers, vec4<f32>(params.one), at == vec4<u32>(FACTORS));
    }
    return numbers;
}

@compute @workgroup_size(WORKGROUP)
fn row_turn(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = flat_workgroup(workgroup, workgroups);
    let first_row = number / TILES * ROWS;
    let first_quad = number % TILES * COLUMNS;
    let quad = first_quad + lane % COLUMNS;
    let mine = lane / COLUMNS * 4u;
    var sums: array<vec4<f32>, 4>;
    for (var start = 0u; start < TURNED; start += DEPTH) {
        workgroupBarrier();
        for (var n = lane; n < ROWS * DEPTH; n += WORKGROUP) {
            left[n] = source_quad(first_row + n / DEPTH, start + n % DEPTH);
        }
        for (var n = lane; n < 4u * DEPTH * COLUMNS; n += WORKGROUP) {
            let row = 4u * start + n / COLUMNS;
            right[n] = vec4<f32>(0.0);
            if row < SIZE && first_quad + n % COLUMNS < TURNED {
                right[n] = matrix[row * TURNED + first_quad + n % COLUMNS];
            }
        }
        workgroupBarrier();
        for (var d = 0u; d < DEPTH; d++) {
            let b0 = right[(4u * d) * COLUMNS + lane % COLUMNS];
            let b1 = right[(4u * d + 1u) * COLUMNS + lane % COLUMNS];
            let b2 = right[(4u * d + 2u) * COLUMNS + lane % COLUMNS];
            let b3 = right[(4u * d + 3u) * COLUMNS + lane % COLUMNS];
            for (var r = 0u; r < 4u; r++) {
                let a = left[(mine + r) * DEPTH + d];
                sums[r] = fma(vec4<f32>(a.x), b0, sums[r]);
                sums[r] = fma(vec4<f32>(a.y), b1, sums[r]);
                sums[r] = fma(vec4<f32>(a.z), b2, sums[r]);
                sums[r] = fma(vec4<f32>(a.w), b3, sums[r]);
            }
        }
    }
    if quad >= TURNED {
        return;
    }
    for (var r = 0u; r < 4u; r++) {
        let place = first_row + mine + r;
        if place >= params.count {
            continue;
        }
        let row = rows[place];
        if BACK == 1u {
            let at = 4u * quad + vec4<u32>(0u, 1u, 2u, 3u);
            if quad < OUT {
                goal[row * OUT + quad] = select(vec4<f32>(0.0), sums[r], at < vec4<u32>(FACTORS));
            }
            if quad == FACTORS / 4u {
                states[row].bias = sums[r][FACTORS % 4u];
            }
        } else {
            goal[row * OUT + quad] = sums[r];
        }
    }
}
