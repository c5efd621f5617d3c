// One row an invocation. Ratings, the fixed side, and the row before it moves are read as texels of four
// numbers: software Vulkan fetches the texels of all its vector lanes at once, but reads a buffer lane by
// lane.
//
// Constants: FACTORS; HELD, quads of a row; PACKED; WORKGROUP.

@group(0) @binding(2) var batches: texture_storage_2d<rgba32uint, read>;
@group(0) @binding(3) var still: texture_storage_2d<rgba32float, read>;
@group(0) @binding(4) var fixed_states: texture_storage_2d<rgba32float, read>;
@group(0) @binding(7) var own_before: texture_storage_2d<rgba32float, read>;
@group(0) @binding(8) var own_states_before: texture_storage_2d<rgba32float, read>;

// The shift s for which a line of a texture holds 2^s rows of this many quads.
fn line_shift(width: u32, quads: u32) -> u32 {
    return firstTrailingBit(width / quads);
}

// The first texel of a row.
fn texel(row: u32, shift: u32, quads: u32) -> vec2<u32> {
    return vec2<u32>((row & ((1u << shift) - 1u)) * quads, row >> shift);
}

// The texel that has the word of a rating, given the rating's position in its batch.
fn word_texel(batch: u32, place: u32, shift: u32) -> vec2<u32> {
    return texel(batch, shift, BATCH_QUADS) + vec2<u32>(place / 4u, 0u);
}

// The group of rows that a workgroup updates: its own number with the bits reversed, or a number beyond the
// last group if it updates none. Rows are sorted longest first, and software Vulkan gives each of its threads
// one run of neighbouring workgroups. Reversing the bits gives every run both long and short rows.
fn group_of(workgroup: u32) -> u32 {
    let groups = (arrayLength(&entries) + WORKGROUP - 1u) / WORKGROUP;
    let bits = 32u - countLeadingZeros(max(groups, 2u) - 1u);
    return select(groups, reverseBits(workgroup) >> (32u - bits), workgroup < (1u << bits));
}

@compute @workgroup_size(WORKGROUP)
fn row_sgd_texture(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let slot = group_of(flat_workgroup(workgroup, workgroups)) * WORKGROUP + invocation;
    if slot >= arrayLength(&entries) {
        return;
    }
    let entry = entries[slot];
    let regularization = regularization_of(entry);
    let batch_shift = line_shift(textureDimensions(batches).x, BATCH_QUADS);
    let fixed_shift = line_shift(textureDimensions(still).x, HELD);
    let bias_shift = line_shift(textureDimensions(fixed_states).x, 1u);
    let own_place = texel(entry.row, line_shift(textureDimensions(own_before).x, HELD), HELD);
    let state_place = texel(entry.row, line_shift(textureDimensions(own_states_before).x, 1u), 1u);
    let before = textureLoad(own_states_before, state_place);
    var state = State(before.x, before.y, before.z, 0.0);
    var row_# = textureLoad(own_before, own_place + vec2<u32>(#u, 0u));

    let moves_# = moves(4u * #u);
    let step_ratings = batches_of_step(slot) * BATCH;
    for (var first = 0u; first < entry.ratings; first += step_ratings) {
        let size = left(entry.ratings, first, step_ratings);
        let shrink = regularization * f32(size);
        var gradient_# = -shrink * row_#;
        var bias_gradient = -shrink * state.bias;
        for (var n = first; n < first + size; n++) {
            let place = word_texel(entry.batch + n / BATCH, n % BATCH, batch_shift);
            let word = textureLoad(batches, place)[n % 4u];
            let other = row_of(word);
            // Levels are laid out as words are.
            let level = word_texel(level_of(word) / BATCH, level_of(word) % BATCH, batch_shift);
            let value_place = select(place + vec2<u32>(2u, 0u), level, PACKED);
            let value = bitcast<f32>(textureLoad(batches, value_place)[select(n, level_of(word), PACKED) % 4u]);
            let row = texel(other, fixed_shift, HELD);
            let still_# = textureLoad(still, row + vec2<u32>(#u, 0u));
            var products = vec4<f32>(0.0);
            products = fma(row_#, still_#, products);
            let bias = state.bias + textureLoad(fixed_states, texel(other, bias_shift, 1u)).x;
            let error = residual(value + params.offset - bias, total(products));
            state.loss += error * error;
            bias_gradient += error;
            gradient_# = fma(vec4<f32>(error), still_#, gradient_#);
        }
        let step = step_of(state.factor_sum, longest_step(size));
        let bias_step = step_of(state.bias_sum, longest_step(size));
        var squared = 0.0;
        squared += dot(gradient_#, gradient_#);
        row_# = fma(step * moves_#, gradient_#, row_#);
        state.bias += bias_step * bias_gradient;
        state.factor_sum += squared / f32(FACTORS);
        state.bias_sum += bias_gradient * bias_gradient;
    }

    own[entry.row * HELD + #u] = row_#;
    own_states[entry.row] = state;
}
