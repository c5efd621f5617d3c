// The limits of a device: rows gathered at random from a table, as the updates gather them, without
// computation; and a plain copy.

struct Params {
    rows: u32,
    width: u32,
    turns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> sink: array<vec4<u32>>;

// Each invocation reads sixteen bytes per turn; `width` neighbouring invocations, a power of two, read one
// row.
@compute @workgroup_size(256)
fn gather(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let invocation = workgroup.x * 256u + local;
    let lane = invocation & (params.width - 1u);
    var word = (invocation / params.width) * 0x9e3779b9u + 1u;
    var sum = vec4<u32>(0u);
    for (var turn = 0u; turn < params.turns; turn++) {
        // Eight rows in flight, as in a batch.
        for (var n = 0u; n < 8u; n++) {
            word = word * 0x915f77f5u + 0x6a09e667u;
            sum ^= source[((word >> 8u) % params.rows) * params.width + lane];
        }
    }
    sink[invocation] = sum;
}

@compute @workgroup_size(256)
fn copy(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let step = workgroups.x * 256u;
    for (var n = workgroup.x * 256u + local; n < arrayLength(&sink); n += step) {
        sink[n] = source[n];
    }
}
