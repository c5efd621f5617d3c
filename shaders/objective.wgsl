// The objective of a rating (docs/maths.md, "sgd", "als" and "ials"): a squared error with a weight. Put in front of row_sgd_data.wgsl and normal_sums.wgsl. CPU form: src/train/row/objective.rs.

// The value minus the product of rows: the direction of a gradient step.
fn residual(value: f32, product: f32) -> f32 {
    return value - product;
}

// A rating in normal equations is evidence of its value, with weight 1, or of a preference: 1 with the value as
// its weight or, for a negative value, 0 with minus the value as its weight.

// The weight of a rating of this value, to be multiplied by the weights of its rows.
fn weight(value: f32, is_preference: bool) -> f32 {
    return select(1.0, abs(value), is_preference);
}

// The number that a rating of this value asks for.
fn target_of(value: f32, is_preference: bool) -> f32 {
    return select(value, select(0.0, 1.0, value > 0.0), is_preference);
}
