// What all forms of the stochastic-gradient row update (docs/maths.md, "sgd") read and write, and the numbers
// of a step.
// CPU form: src/train/row/sgd/; host twin: src/gpu/kernels/row_sgd.rs. The forms differ in where a row lies:
// row_sgd_single.wgsl, row_sgd_subgroup.wgsl, row_sgd_texture.wgsl.
// A line with `#` is written HELD times, with each number in its place, one with `$` BATCH times, and one
// with `?` WIDTH times: what is written out lies in registers.
// Constant of all forms: BATCH, ratings of a row that are taken together; src/train/row/sgd/mod.rs says more.

struct Params {
    learning_rate: f32,
    regularization: f32,
    power: f32,
    mean_activity: f32,
    offset: f32,
    trained: u32,
    long: u32,
    longest: u32,
}

// A row to update: its `ratings` begin with batch number `batch`, and it has `activity` of them over all
// stages.
struct Entry {
    row: u32,
    batch: u32,
    ratings: u32,
    activity: u32,
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

// How many batches a row takes together, by its place: the first `params.longest` rows, the others of the
// first `params.long`, and the rest.
const LONGEST_STEP = 16u;
const LONG_STEP = 4u;

fn batches_of_step(slot: u32) -> u32 {
    return select(select(1u, LONG_STEP, slot < params.long), LONGEST_STEP, slot < params.longest);
}

// Batches are ratings of one row that are taken together; behind the row's last one, that is repeated. A
// batch is its rows of the fixed side, a word each, and its values; or if PACKED words that have the number
// of a level above the row, and the levels stand in front of all batches.
const BATCH_QUADS = select(4u, 2u, PACKED);
const ROW_BITS = 24u;

fn row_of(word: u32) -> u32 {
    if PACKED { return word & ((1u << ROW_BITS) - 1u); }
    return word;
}

fn level_of(word: u32) -> u32 {
    return word >> ROW_BITS;
}

fn regularization_of(entry: Entry) -> f32 {
    return params.regularization * pow(params.mean_activity / f32(max(entry.activity, 1u)), params.power);
}

// The step of a row whose squared gradients add up to `sum`, but no longer than `most`.
fn step_of(sum: f32, most: f32) -> f32 {
    return min(params.learning_rate * inverseSqrt(sum), most);
}

// The longest step when so many ratings are taken together.
fn longest_step(ratings: u32) -> f32 {
    return 1.0 / f32(max(ratings, 1u));
}

// 1 for each of four factors from `first` on that is trained, 0 for others.
fn moves(first: u32) -> vec4<f32> {
    return select(vec4<f32>(0.0), vec4<f32>(1.0), first + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.trained));
}

// How many of a row's ratings are left from number `first` on, but no more than `most`.
fn left(ratings: u32, first: u32, most: u32) -> u32 {
    return min(most, max(ratings, first) - first);
}

fn total(numbers: vec4<f32>) -> f32 {
    return (numbers.x + numbers.y) + (numbers.z + numbers.w);
}
