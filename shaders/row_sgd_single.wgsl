// One row an invocation, in loops. This form runs on every device. Appended to row_sgd_ratings.wgsl.
//
// Constants: FACTORS; HELD, quads of a row; PACKED; WORKGROUP.

@group(0) @binding(3) var<storage, read> still: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> fixed_states: array<State>;

@compute @workgroup_size(WORKGROUP)
fn row_sgd_single(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let slot = flat_workgroup(workgroup, workgroups) * WORKGROUP + invocation;
    if slot >= arrayLength(&entries) {
        return;
    }
    let entry = entries[slot];
    let regularization = regularization_of(entry);
    var state = own_states[entry.row];
    state.loss = 0.0;
    var row: array<vec4<f32>, HELD>;
    for (var q = 0u; q < HELD; q++) {
        row[q] = own[entry.row * HELD + q];
    }

    let step_ratings = batches_of_step(slot) * BATCH;
    for (var first = 0u; first < entry.ratings; first += step_ratings) {
        let size = left(entry.ratings, first, step_ratings);
        let shrink = regularization * f32(size);
        var gradient: array<vec4<f32>, HELD>;
        for (var q = 0u; q < HELD; q++) {
            gradient[q] = -shrink * row[q];
        }
        var bias_gradient = -shrink * state.bias;
        for (var n = first; n < first + size; n++) {
            let batch = entry.batch + n / BATCH;
            let word = word_of(batch, n % BATCH);
            let other = row_of(word);
            let value = value_of(batch, n % BATCH, word);
            var products = vec4<f32>(0.0);
            for (var q = 0u; q < HELD; q++) {
                products = fma(row[q], still[other * HELD + q], products);
            }
            let bias = state.bias + fixed_states[other].bias;
            let error = residual(value + params.offset - bias, total(products));
            state.loss += error * error;
            bias_gradient += error;
            for (var q = 0u; q < HELD; q++) {
                gradient[q] = fma(vec4<f32>(error), still[other * HELD + q], gradient[q]);
            }
        }
        let step = step_of(state.factor_sum, longest_step(size));
        let bias_step = step_of(state.bias_sum, longest_step(size));
        var squared = 0.0;
        for (var q = 0u; q < HELD; q++) {
            squared += dot(gradient[q], gradient[q]);
            row[q] = fma(step * moves(4u * q), gradient[q], row[q]);
        }
        state.bias += bias_step * bias_gradient;
        state.factor_sum += squared / f32(FACTORS);
        state.bias_sum += bias_gradient * bias_gradient;
    }

    for (var q = 0u; q < HELD; q++) {
        own[entry.row * HELD + q] = row[q];
    }
    own_states[entry.row] = state;
}
