// Random words, and a sum over a workgroup that is exact in any order, so that every device must agree with
// the host to the last bit. Host twin: src/gpu/kernels/self_test.rs.
//
// Constants: WORKGROUP, a power of two, at most 64.

struct Params {
    key: vec2<u32>,
    count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> words: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

const_assert WORKGROUP <= 64u;
var<workgroup> partial: array<f32, WORKGROUP>;

// A sum of four products of bytes. Over 64 invocations it stays below 2^24, where f32 is exact.
fn exact_dot(block: vec4<u32>) -> f32 {
    return dot(vec4<f32>(block & vec4<u32>(0xffu)), vec4<f32>((block >> vec4<u32>(8u)) & vec4<u32>(0xffu)));
}

@compute @workgroup_size(WORKGROUP)
fn self_test(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let group = flat_workgroup(workgroup, workgroups);
    let index = group * WORKGROUP + lane;
    partial[lane] = 0.0;
    if index < params.count {
        let block = philox(vec4<u32>(index, 0u, 0u, 0u), params.key);
        words[index] = block;
        partial[lane] = exact_dot(block);
    }
    for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            partial[lane] += partial[lane + half];
        }
    }
    if lane == 0u && group * WORKGROUP < params.count {
        sums[group] = partial[0];
    }
}
