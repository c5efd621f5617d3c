// A row to an invocation, in loops: what runs wherever there is nothing better.
// Constants: FACTORS; HELD, quads of a row; WORKGROUP.

@group(0) @binding(2) var<storage, read> batches: array<Batch>;
@group(0) @binding(3) var<storage, read> still: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> still_states: array<State>;

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

    for (var first = 0u; first < entry.ratings; first += BATCH) {
        let size = size_of(entry.ratings, first);
        let batch = batches[entry.batch + first / BATCH];
        var errors: array<f32, BATCH>;
        var places: array<u32, BATCH>;
        places[$] = batch.others[$u / 4u][$u % 4u];
        errors[$] = batch.values[$u / 4u][$u % 4u];
        var bias_gradient = 0.0;
        for (var n = 0u; n < BATCH; n++) {
            let bias = state.bias + still_states[places[n]].bias;
            places[n] *= HELD;
            var products = vec4<f32>(0.0);
            for (var q = 0u; q < HELD; q++) {
                products = fma(row[q], still[places[n] + q], products);
            }
            errors[n] = select(0.0, errors[n] + params.offset - bias - total(products), n < size);
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
                gradient = fma(vec4<f32>(errors[n]), still[places[n] + q], gradient);
            }
            squared += dot(gradient, gradient);
            row[q] = fma(steps_of(step, 4u * q), gradient, row[q]);
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
