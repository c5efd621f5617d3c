// The sum of the losses of rows. Appended to partial_sums.wgsl. Host twin: src/gpu/kernels/loss.rs.

struct Params {
    count: u32,
}

// The same as in row_sgd_data.wgsl.
struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> states: array<State>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

fn term(index: u32) -> f32 {
    return states[index].loss;
}

@compute @workgroup_size(WORKGROUP)
fn loss(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    put_sum(flat_workgroup(workgroup, workgroups), lane, params.count);
}
