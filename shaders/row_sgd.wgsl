// The stochastic-gradient row update (docs/maths.md, "sgd"). CPU form: src/train/row/sgd.rs; host twin:
// src/gpu/kernels/row_sgd.rs. One of row_sgd_single.wgsl and row_sgd_subgroup.wgsl stands behind it: they say
// how a row lies over lanes, by `sum_over_lanes`, `most_over_subgroup` and the entry point.
// Constants: FACTORS; LANES, invocations to a row; STRIDE, numbers from one row to the next, a multiple of 4 LANES;
// WORKGROUP, a multiple of LANES.

@group(0) @binding(3) var<storage, read> still: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> still_states: array<State>;

const_assert STRIDE % (4u * LANES) == 0u;
const QUADS = STRIDE / 4u;
// Quads of the row that one lane holds: quad q of lane l is number q * LANES + l, so that lanes read side by side.
const HELD = QUADS / LANES;

fn update_row(slot: u32, lane: u32) {
    let known = slot < arrayLength(&entries);
    let entry = entries[min(slot, arrayLength(&entries) - 1u)];
    let end = select(entry.start, entry.end, known);
    let regularization = regularization_of(entry);
    var state = State(0.0, 1.0, 1.0, 0.0);
    var row: array<vec4<f32>, HELD>;
    // Whoever has no row left must not even look at one that another updates.
    if known {
        state = own_states[entry.row];
        state.loss = 0.0;
        for (var q = 0u; q < HELD; q++) {
            row[q] = own[entry.row * QUADS + q * LANES + lane];
        }
    }

    // Lanes of one subgroup take equally many turns, so that all of them meet in the sums over lanes.
    let turns = most_over_subgroup((end - entry.start + BATCH - 1u) / BATCH);
    for (var turn = 0u; turn < turns; turn++) {
        let first = entry.start + turn * BATCH;
        let size = min(BATCH, max(first, end) - first);
        var errors: array<f32, BATCH>;
        var places: array<u32, BATCH>;
        var bias_gradient = 0.0;
        for (var n = 0u; n < BATCH; n++) {
            // Beyond the batch the row's first rating stands in, with no weight.
            let rating = ratings[select(entry.start, first + n, n < size)];
            places[n] = rating.other * QUADS + lane;
            var products = vec4<f32>(0.0);
            for (var q = 0u; q < HELD; q++) {
                products = fma(row[q], still[places[n] + q * LANES], products);
            }
            let product = sum_over_lanes((products.x + products.y) + (products.z + products.w));
            let bias = state.bias + still_states[rating.other].bias;
            errors[n] = select(0.0, rating.value + params.offset - bias - product, n < size);
            state.loss += errors[n] * errors[n];
            bias_gradient += errors[n];
        }
        let step = step_of(state.factor_sum, size);
        let bias_step = step_of(state.bias_sum, size);
        let shrink = regularization * f32(size);
        bias_gradient -= shrink * state.bias;
        var squared = 0.0;
        for (var q = 0u; q < HELD; q++) {
            var gradient = -shrink * row[q];
            for (var n = 0u; n < BATCH; n++) {
                gradient = fma(vec4<f32>(errors[n]), still[places[n] + q * LANES], gradient);
            }
            squared += dot(gradient, gradient);
            let factor = 4u * (q * LANES + lane) + vec4<u32>(0u, 1u, 2u, 3u);
            let steps = select(vec4<f32>(0.0), vec4<f32>(step), factor < vec4<u32>(params.trained));
            row[q] = fma(steps, gradient, row[q]);
        }
        state.bias += bias_step * bias_gradient;
        state.factor_sum += sum_over_lanes(squared) / f32(FACTORS);
        state.bias_sum += bias_gradient * bias_gradient;
    }

    if known {
        for (var q = 0u; q < HELD; q++) {
            own[entry.row * QUADS + q * LANES + lane] = row[q];
        }
        if lane == 0u {
            own_states[entry.row] = state;
        }
    }
}
