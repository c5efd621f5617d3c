// What all forms of the stochastic-gradient row update (docs/maths.md, "sgd") read and write, and the numbers of a step.
// CPU form: src/train/row/sgd.rs; host twin: src/gpu/kernels/row_sgd.rs. The forms differ in where a row lies:
// row_sgd_single.wgsl, row_sgd_subgroup.wgsl, row_sgd_texture.wgsl.
// A line with `#` is written HELD times, with each number in its place, and a line with `$` once for each rating of a
// batch: what is written out lies in registers.

struct Params {
    learning_rate: f32,
    regularization: f32,
    power: f32,
    mean_activity: f32,
    offset: f32,
    trained: u32,
}

// A row to update: its `ratings` begin with batch number `batch`, and it has `activity` of them over all stages.
struct Entry {
    row: u32,
    batch: u32,
    ratings: u32,
    activity: u32,
}

// Ratings of one row that are taken together; behind the row's last one, that is repeated.
struct Batch {
    others: array<vec4<u32>, 2>,
    values: array<vec4<f32>, 2>,
}

struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> entries: array<Entry>;
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

// How far each of four factors from `first` on goes: not at all before it is trained.
fn steps_of(step: f32, first: u32) -> vec4<f32> {
    return select(vec4<f32>(0.0), vec4<f32>(step), first + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.trained));
}

// How many ratings the batch has whose first is the row's rating number `first`.
fn size_of(ratings: u32, first: u32) -> u32 {
    return min(BATCH, max(ratings, first) - first);
}

fn total(numbers: vec4<f32>) -> f32 {
    return (numbers.x + numbers.y) + (numbers.z + numbers.w);
}
