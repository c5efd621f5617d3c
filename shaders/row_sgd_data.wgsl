// The data of all forms of the stochastic gradient row update (docs/maths.md, "sgd"), and the size of its
// steps.
//
// CPU form: src/train/row/sgd/; host twin: src/gpu/kernels/row_sgd.rs. The forms differ in where a row is
// stored: row_sgd_single.wgsl, row_sgd_subgroup.wgsl, row_sgd_texture.wgsl.
//
// A line with `#` is repeated HELD times, with `#` replaced by each number in turn; a line with `$` BATCH
// times, and one with `?` WIDTH times. Variables that are written out this way are in registers.
//
// Constant of all forms: BATCH, the number of a row's ratings in a batch; see src/train/row/sgd/mod.rs.

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

// A row to update: its `ratings` ratings begin with batch number `batch`; it has `activity` ratings over all
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

// The number of batches in a step is LONGEST_STEP for the first `params.longest` rows, LONG_STEP for the
// others of the first `params.long`, and 1 for the rest.
const LONGEST_STEP = 16u;
const LONG_STEP = 4u;

fn batches_of_step(slot: u32) -> u32 {
    return select(select(1u, LONG_STEP, slot < params.long), LONGEST_STEP, slot < params.longest);
}

// A batch is ratings of one row whose errors are measured against the same row vector; the row's last rating
// is repeated to fill its last batch. A batch stores its rows of the fixed side, one word each, and then its
// values. If PACKED, a word also has the number of a level in its bits above the row, there are no values,
// and the levels precede all batches.
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

// The step of a row whose squared gradients sum to `sum`, limited to `most`.
fn step_of(sum: f32, most: f32) -> f32 {
    return min(params.learning_rate * inverseSqrt(sum), most);
}

// The longest step for this many ratings at once.
fn longest_step(ratings: u32) -> f32 {
    return 1.0 / f32(max(ratings, 1u));
}

// For each of the four factors beginning with `first`: 1 if it is trained, else 0.
fn moves(first: u32) -> vec4<f32> {
    return select(vec4<f32>(0.0), vec4<f32>(1.0), first + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.trained));
}

// The number of a row's ratings beginning with number `first`, limited to `most`.
fn left(ratings: u32, first: u32, most: u32) -> u32 {
    return min(most, max(ratings, first) - first);
}

fn total(numbers: vec4<f32>) -> f32 {
    return (numbers.x + numbers.y) + (numbers.z + numbers.w);
}
