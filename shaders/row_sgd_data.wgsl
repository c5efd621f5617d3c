// What all forms of the stochastic-gradient row update read and write, and the numbers of a step.

struct Params {
    learning_rate: f32,
    regularization: f32,
    power: f32,
    mean_activity: f32,
    offset: f32,
    trained: u32,
}

// A row to update: its ratings are start..end, and it has `activity` of them over all stages.
struct Entry {
    row: u32,
    start: u32,
    end: u32,
    activity: u32,
}

struct Rating {
    other: u32,
    value: f32,
}

struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> entries: array<Entry>;
@group(0) @binding(2) var<storage, read> ratings: array<Rating>;
@group(0) @binding(5) var<storage, read_write> own: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> own_states: array<State>;

const BATCH = 8u;

fn regularization_of(entry: Entry) -> f32 {
    return params.regularization * pow(params.mean_activity / f32(max(entry.activity, 1u)), params.power);
}

// The step for a batch of `size` ratings of a row whose squared gradients add up to `sum`.
fn step_of(sum: f32, size: u32) -> f32 {
    return min(params.learning_rate / sqrt(sum), 1.0 / f32(max(size, 1u)));
}
