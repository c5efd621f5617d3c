// The sum of squared errors over a list of ratings. Appended to partial_sums.wgsl. Host twin:
// src/gpu/kernels/squared_error.rs.
//
// Constants: STRIDE, numbers from one row to the next, a multiple of 4.

struct Params {
    count: u32,
    low: f32,
    high: f32,
}

// The same as in row_sgd_data.wgsl.
struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

struct Rating {
    user: u32,
    item: u32,
    value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> users: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> items: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> user_states: array<State>;
@group(0) @binding(4) var<storage, read> item_states: array<State>;
@group(0) @binding(5) var<storage, read> ratings: array<Rating>;
@group(0) @binding(6) var<storage, read_write> sums: array<f32>;

const_assert STRIDE % 4u == 0u;
const QUADS = STRIDE / 4u;

fn predict(user: u32, item: u32) -> f32 {
    var products = vec4<f32>(0.0);
    for (var quad = 0u; quad < QUADS; quad++) {
        products += users[user * QUADS + quad] * items[item * QUADS + quad];
    }
    let sum = (products.x + products.y) + (products.z + products.w);
    var prediction = user_states[user].bias + item_states[item].bias + sum;
    // In clamp() or in comparisons a driver may turn NaN into a bound, which would hide it. So test the bits.
    if is_finite(prediction) {
        prediction = clamp(prediction, params.low, params.high);
    }
    return prediction;
}

fn term(index: u32) -> f32 {
    let rating = ratings[index];
    let error = rating.value - predict(rating.user, rating.item);
    return error * error;
}

@compute @workgroup_size(WORKGROUP)
fn squared_error(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    put_sum(flat_workgroup(workgroup, workgroups), lane, params.count);
}
