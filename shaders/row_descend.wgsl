// The row update by conjugate gradients, one row a workgroup: a few steps towards the solution of the row's
// equations, from the row as it is (docs/maths.md, "ials"). The equations are never written down: a product
// with their matrix is one with the shared matrix and two with the fixed row of each rating. objective.wgsl
// is put in front. CPU form: src/train/row/normal/descend.rs; host twin: src/gpu/kernels/descend.rs.
//
// Every sum has a fixed order, so that a row gets the same bits in every run.
//
// Constants: FACTORS; STRIDE, numbers from one row to the next, a multiple of 4; WORKGROUP, a power of two;
// COLUMNS, the number of invocations that own different columns, another; BATCH, ratings that are multiplied
// together.

struct Params {
    rating_weight: f32,
    power: f32,
    steps: u32,
    measure: u32,
    implicit_weight: f32,
    // Whether ratings are preferences, which no bias explains.
    preferences: u32,
    // Whether the shared matrix has entries.
    dense: u32,
}

struct Rating {
    other: u32,
    value: f32,
}

// The same as in normal_sums.wgsl.
struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

// The same as in row_normal.wgsl; rows are not summed in parts here.
struct Entry {
    row: u32,
    start: u32,
    end: u32,
    activity: u32,
    first_part: u32,
    parts: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> ratings: array<Rating>;
@group(0) @binding(2) var<storage, read> still: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> fixed_states: array<State>;
@group(0) @binding(4) var<storage, read> entries: array<Entry>;
// The shared equations in rows of WIDTH quads: the matrix in 4 WIDTH rows, the pull, the diagonal of the
// prior, the prior's pull. All are zero beyond FACTORS. Then a quad for the bias: its shared entry and pull,
// that of the prior and its pull.
@group(0) @binding(5) var<storage, read> terms: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> own: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> own_states: array<State>;
@group(0) @binding(8) var<storage, read> implicit_rows: array<vec4<f32>>;

const QUADS = STRIDE / 4u;
// The number of quads of a row that have factors.
const WIDTH = (FACTORS + 3u) / 4u;
// The number of quads that an invocation owns. Invocations of the same column own the same ones, and share
// the rows that are summed.
const EACH = (WIDTH + COLUMNS - 1u) / COLUMNS;
const SHARES = WORKGROUP / COLUMNS;
// The number of invocations that multiply one rating.
const LANES = WORKGROUP / BATCH;
const_assert WORKGROUP % COLUMNS == 0u && WORKGROUP % BATCH == 0u;
const_assert SHARES == 1u || EACH == 1u;
const PULL = 4u * WIDTH * WIDTH;
const PRIOR = PULL + WIDTH;
const PRIOR_PULL = PRIOR + WIDTH;
const END = PRIOR_PULL + WIDTH;
// A residual whose square is below this is that of the solution.
const NOTHING = 1e-20;

// The vector that is multiplied. The others lie in registers, where their owners have all they need.
var<workgroup> factor_quads: array<vec4<f32>, WIDTH>;
var<workgroup> shares: array<vec4<f32>, WORKGROUP>;
var<workgroup> products: array<f32, WORKGROUP>;
// The fixed rows of a batch, and what they are multiplied by.
var<workgroup> others: array<u32, BATCH>;
var<workgroup> weights: array<f32, BATCH>;
var<private> product: array<vec4<f32>, EACH>;
// The number of the product that belongs to the bias.
var<private> product_end: f32;

// A quad that the invocation owns. Invocations without one repeat the last, and write nothing.
fn own_quad(lane: u32, e: u32) -> u32 {
    return min(lane % COLUMNS + e * COLUMNS, WIDTH - 1u);
}

// Whether the invocation is the one that writes its quad and counts it in sums.
fn is_writer(lane: u32, e: u32) -> bool {
    return lane < COLUMNS && lane + e * COLUMNS < WIDTH;
}

// The sum over the first `count` invocations, a power of two.
fn total(part: f32, count: u32, lane: u32) -> f32 {
    products[lane] = part;
    for (var half = count / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            products[lane] += products[lane + half];
        }
    }
    // Also waits until all invocations have read it.
    return workgroupUniformLoad(&products[0]);
}

// The product of two vectors; `end` is that of their numbers for the bias.
fn inner(a: array<vec4<f32>, EACH>, b: array<vec4<f32>, EACH>, end: f32, lane: u32) -> f32 {
    var left = a;
    var right = b;
    var sum = select(0.0, end, lane == 0u);
    for (var e = 0u; e < EACH; e++) {
        sum += select(0.0, dot(left[e], right[e]), is_writer(lane, e));
    }
    return total(sum, COLUMNS, lane);
}

// Makes a vector the one that is multiplied. No invocation may still read the previous one.
fn show(numbers: array<vec4<f32>, EACH>, lane: u32) {
    var quads = numbers;
    for (var e = 0u; e < EACH; e++) {
        if is_writer(lane, e) {
            factor_quads[own_quad(lane, e)] = quads[e];
        }
    }
    workgroupBarrier();
}

// How a rating depends on the bias.
fn one() -> f32 {
    return select(1.0, 0.0, params.preferences != 0u);
}

// The matrix of the equations times the vector, whose number for the bias is `bias`; with `less_targets`
// less the right-hand side of the ratings.
fn times(entry: Entry, scale: f32, bias: f32, less_targets: bool, lane: u32) {
    let share = lane / COLUMNS;
    let is_preference = params.preferences != 0u;
    product_end = 0.0;
    for (var e = 0u; e < EACH; e++) {
        product[e] = vec4<f32>(0.0);
    }
    for (var quad = share; quad < WIDTH && params.dense != 0u; quad += SHARES) {
        let factors = factor_quads[quad];
        for (var e = 0u; e < EACH; e++) {
            let at = 4u * quad * WIDTH + own_quad(lane, e);
            product[e] = fma(vec4<f32>(factors.x), terms[at], product[e]);
            product[e] = fma(vec4<f32>(factors.y), terms[at + WIDTH], product[e]);
            product[e] = fma(vec4<f32>(factors.z), terms[at + 2u * WIDTH], product[e]);
            product[e] = fma(vec4<f32>(factors.w), terms[at + 3u * WIDTH], product[e]);
        }
    }
    for (var start = entry.start; start < entry.end; start += BATCH) {
        let count = min(BATCH, entry.end - start);
        let mine = lane / LANES;
        var sums = vec4<f32>(0.0);
        if mine < count {
            let first = ratings[start + mine].other * QUADS;
            for (var quad = lane % LANES; quad < WIDTH; quad += LANES) {
                sums = fma(factor_quads[quad], still[first + quad], sums);
            }
        }
        products[lane] = (sums.x + sums.y) + (sums.z + sums.w);
        workgroupBarrier();
        if lane < count {
            let rating = ratings[start + lane];
            var sum = 0.0;
            for (var n = lane * LANES; n < (lane + 1u) * LANES; n++) {
                sum += products[n];
            }
            let wanted = target_of(rating.value, is_preference) - fixed_states[rating.other].bias;
            let aim = select(0.0, wanted, less_targets);
            others[lane] = rating.other;
            let counts = params.rating_weight * weight(rating.value, is_preference);
            weights[lane] = counts * (sum + one() * bias - aim);
        }
        // No second wait at the end: the next batch writes `weights` after a barrier of its own.
        workgroupBarrier();
        for (var n = share; n < count; n += SHARES) {
            for (var e = 0u; e < EACH; e++) {
                let quad = still[others[n] * QUADS + own_quad(lane, e)];
                product[e] = fma(vec4<f32>(weights[n]), quad, product[e]);
                if less_targets && params.implicit_weight > 0.0 {
                    let implicit = implicit_rows[others[n] * QUADS + own_quad(lane, e)];
                    product[e] -= params.implicit_weight * implicit;
                }
            }
        }
        for (var n = 0u; n < count; n++) {
            product_end += weights[n];
        }
    }
    if SHARES > 1u {
        shares[lane] = product[0];
        workgroupBarrier();
        product[0] = shares[lane % COLUMNS];
        for (var n = 1u; n < SHARES; n++) {
            product[0] += shares[n * COLUMNS + lane % COLUMNS];
        }
    }
    for (var e = 0u; e < EACH; e++) {
        let quad = own_quad(lane, e);
        product[e] = fma(scale * terms[PRIOR + quad], factor_quads[quad], product[e]);
    }
    product_end = one() * (product_end + (terms[END].x + scale * terms[END].z) * bias);
}

// The sums of squared errors of the new row: unweighted, and with each error weighted by its fixed row.
fn measure(entry: Entry, bias: f32, lane: u32) -> vec2<f32> {
    let is_preference = params.preferences != 0u;
    var loss = vec2<f32>(0.0);
    for (var n = entry.start + lane; n < entry.end; n += WORKGROUP) {
        let rating = ratings[n];
        var sums = vec4<f32>(0.0);
        for (var quad = 0u; quad < WIDTH; quad++) {
            sums = fma(factor_quads[quad], still[rating.other * QUADS + quad], sums);
        }
        let state = fixed_states[rating.other];
        let sum = (sums.x + sums.y) + (sums.z + sums.w);
        let error = residual(target_of(rating.value, is_preference) - one() * bias - state.bias, sum);
        loss += weight(rating.value, is_preference) * error * error * vec2<f32>(1.0, state.factor_sum);
    }
    return vec2<f32>(total(loss.x, WORKGROUP, lane), total(loss.y, WORKGROUP, lane));
}

fn update_row(entry: Entry, lane: u32) {
    let scale = pow(f32(max(entry.activity, 1u)), params.power);
    var row: array<vec4<f32>, EACH>;
    var rest: array<vec4<f32>, EACH>;
    for (var e = 0u; e < EACH; e++) {
        row[e] = own[entry.row * QUADS + own_quad(lane, e)];
    }
    var bias = own_states[entry.row].bias;
    show(row, lane);
    times(entry, scale, bias, true, lane);
    // The residual of the row as it is: right-hand side minus matrix times row.
    for (var e = 0u; e < EACH; e++) {
        let quad = own_quad(lane, e);
        rest[e] = terms[PULL + quad] + scale * terms[PRIOR_PULL + quad] - product[e];
    }
    var rest_end = one() * (terms[END].y + scale * terms[END].w) - product_end;
    var direction = rest;
    var direction_end = rest_end;
    var square = inner(rest, rest, rest_end * rest_end, lane);
    for (var step = 0u; step < params.steps; step++) {
        // The same for all invocations, because `inner` is.
        if square < NOTHING {
            break;
        }
        show(direction, lane);
        times(entry, scale, direction_end, false, lane);
        let length = square / inner(direction, product, direction_end * product_end, lane);
        for (var e = 0u; e < EACH; e++) {
            row[e] = fma(vec4<f32>(length), direction[e], row[e]);
            rest[e] = fma(vec4<f32>(-length), product[e], rest[e]);
        }
        bias += length * direction_end;
        rest_end -= length * product_end;
        let next = inner(rest, rest, rest_end * rest_end, lane);
        for (var e = 0u; e < EACH; e++) {
            direction[e] = fma(vec4<f32>(next / square), direction[e], rest[e]);
        }
        direction_end = rest_end + next / square * direction_end;
        square = next;
    }
    for (var e = 0u; e < EACH; e++) {
        if is_writer(lane, e) {
            own[entry.row * QUADS + own_quad(lane, e)] = row[e];
        }
    }
    if lane == 0u {
        own_states[entry.row].bias = bias;
    }
    if params.measure != 0u {
        show(row, lane);
        let loss = measure(entry, bias, lane);
        if lane == 0u {
            own_states[entry.row].loss = loss.x;
            own_states[entry.row].bias_sum = loss.y;
        }
    }
}

@compute @workgroup_size(WORKGROUP)
fn row_descend(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = flat_workgroup(workgroup, workgroups);
    if number < arrayLength(&entries) {
        update_row(entries[number], lane);
    }
}
