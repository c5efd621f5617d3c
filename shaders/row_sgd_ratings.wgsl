// Reads batches of ratings from a buffer. Appended to row_sgd_data.wgsl.

@group(0) @binding(2) var<storage, read> batches: array<vec4<u32>>;

// The words of a batch that have rows of the fixed side.
fn words_of(batch: u32) -> array<vec4<u32>, 2> {
    return array<vec4<u32>, 2>(batches[batch * BATCH_QUADS], batches[batch * BATCH_QUADS + 1u]);
}

// One of these words.
fn word_of(batch: u32, place: u32) -> u32 {
    return batches[batch * BATCH_QUADS + place / 4u][place % 4u];
}

// The value of a rating whose word is known.
fn value_of(batch: u32, place: u32, word: u32) -> f32 {
    if PACKED { return bitcast<f32>(batches[level_of(word) / 4u][level_of(word) % 4u]); }
    return bitcast<f32>(batches[batch * BATCH_QUADS + 2u + place / 4u][place % 4u]);
}
