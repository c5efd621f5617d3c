// A butterfly of subgroup shuffles over LANES neighbours, the reduction of rows that are spread over lanes.
// Every lane must end with the same exact sum, which also shows that the neighbours share a subgroup. Host
// twin: src/gpu/kernels/self_test.rs.
//
// Constants: LANES, a power of two, at most the smallest subgroup.

struct Params {
    key: vec2<u32>,
    count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> totals: array<f32>;

@compute @workgroup_size(64)
fn self_test_subgroup(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let index = flat_workgroup(workgroup, workgroups) * 64u + lane;
    var total = 0.0;
    if index < params.count {
        total = f32(words[index].x & 0xffffu);
    }
    for (var step = 1u; step < LANES; step *= 2u) {
        total += subgroupShuffleXor(total, step);
    }
    if index < params.count {
        totals[index] = total;
    }
}
