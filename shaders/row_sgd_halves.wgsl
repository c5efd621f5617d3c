// Copies rows as f16, and their biases, for row_sgd_subgroup.wgsl to read, which keeps the copies up to date
// afterwards. Each invocation copies one quad. Host twin: src/gpu/kernels/row_sgd.rs.
//
// Constants: QUADS of a row; WORKGROUP.

struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

@group(0) @binding(0) var<storage, read> rows: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> states: array<State>;
@group(0) @binding(2) var<storage, read_write> halves: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> biases: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn row_sgd_halves(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let quad = flat_workgroup(workgroup, workgroups) * WORKGROUP + invocation;
    if quad >= arrayLength(&halves) {
        return;
    }
    halves[quad] = pack_half4(rows[quad]);
    if quad % QUADS == 0u {
        biases[quad / QUADS] = states[quad / QUADS].bias;
    }
}
