// The predictions for a list of ratings, one in each invocation. Host twin: src/gpu/kernels/prediction.rs.
// Constants: STRIDE, numbers from one row to the next, a multiple of 4.

struct Pair {
    user: u32,
    item: u32,
}

// The same as in row_sgd_data.wgsl.
struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

@group(0) @binding(0) var<storage, read> users: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> items: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> user_states: array<State>;
@group(0) @binding(3) var<storage, read> item_states: array<State>;
@group(0) @binding(4) var<storage, read> pairs: array<Pair>;
@group(0) @binding(5) var<storage, read_write> predictions: array<f32>;

const_assert STRIDE % 4u == 0u;
const QUADS = STRIDE / 4u;

@compute @workgroup_size(64)
fn prediction(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = flat_workgroup(workgroup, workgroups) * 64u + lane;
    if number >= arrayLength(&pairs) {
        return;
    }
    let pair = pairs[number];
    var products = vec4<f32>(0.0);
    for (var quad = 0u; quad < QUADS; quad++) {
        products = fma(users[pair.user * QUADS + quad], items[pair.item * QUADS + quad], products);
    }
    let sum = (products.x + products.y) + (products.z + products.w);
    predictions[number] = user_states[pair.user].bias + item_states[pair.item].bias + sum;
}
