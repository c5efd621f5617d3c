// A row to an invocation, the still side and the row before it moves read as texels, a quad each: software Vulkan
// fetches the texels of all its vector lanes at once, where it reads a buffer lane by lane. Host twin:
// src/gpu/kernels/row_sgd.rs. A line with `#` is written once for each quad of a row, its number in place of `#`, so that
// quads lie in registers.
// Constants: FACTORS; STRIDE, numbers from one row to the next, a multiple of 4; WORKGROUP.

@group(0) @binding(3) var still: texture_storage_2d<rgba32float, read>;
@group(0) @binding(4) var still_states: texture_storage_2d<rgba32float, read>;
@group(0) @binding(7) var own_before: texture_storage_2d<rgba32float, read>;
@group(0) @binding(8) var own_states_before: texture_storage_2d<rgba32float, read>;

const QUADS = STRIDE / 4u;

// How a texture of rows of so many quads is cut into lines of 2^shift rows.
fn line_shift(width: u32, quads: u32) -> u32 {
    return firstTrailingBit(width / quads);
}

// The first texel of a row.
fn texel(row: u32, shift: u32, quads: u32) -> vec2<u32> {
    return vec2<u32>((row & ((1u << shift) - 1u)) * quads, row >> shift);
}

@compute @workgroup_size(WORKGROUP)
fn row_sgd_texture(
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
    let still_shift = line_shift(textureDimensions(still).x, QUADS);
    let bias_shift = line_shift(textureDimensions(still_states).x, 1u);
    let own_place = texel(entry.row, line_shift(textureDimensions(own_before).x, QUADS), QUADS);
    let state_place = texel(entry.row, line_shift(textureDimensions(own_states_before).x, 1u), 1u);
    let before = textureLoad(own_states_before, state_place);
    var state = State(before.x, before.y, before.z, 0.0);
    var row_# = textureLoad(own_before, own_place + vec2<u32>(#u, 0u));

    for (var first = entry.start; first < entry.end; first += BATCH) {
        let size = min(BATCH, entry.end - first);
        let shrink = regularization * f32(size);
        var gradient_# = -shrink * row_#;
        var bias_gradient = 0.0;
        for (var n = 0u; n < size; n++) {
            let rating = ratings[first + n];
            let place = texel(rating.other, still_shift, QUADS);
            let still_# = textureLoad(still, place + vec2<u32>(#u, 0u));
            var products = vec4<f32>(0.0);
            products = fma(row_#, still_#, products);
            let product = (products.x + products.y) + (products.z + products.w);
            let bias = state.bias + textureLoad(still_states, texel(rating.other, bias_shift, 1u)).x;
            let error = rating.value + params.offset - bias - product;
            state.loss += error * error;
            bias_gradient += error;
            gradient_# = fma(vec4<f32>(error), still_#, gradient_#);
        }
        let step = step_of(state.factor_sum, size);
        let bias_step = step_of(state.bias_sum, size);
        bias_gradient -= shrink * state.bias;
        var squared = 0.0;
        squared += dot(gradient_#, gradient_#);
        let number = vec4<u32>(0u, 1u, 2u, 3u);
        row_# = fma(select(vec4<f32>(0.0), vec4<f32>(step), 4u * #u + number < vec4<u32>(params.trained)), gradient_#, row_#);
        state.bias += bias_step * bias_gradient;
        state.factor_sum += squared / f32(FACTORS);
        state.bias_sum += bias_gradient * bias_gradient;
    }

    own[entry.row * QUADS + #u] = row_#;
    own_states[entry.row] = state;
}
