// The objective of a rating (docs/maths.md, "sgd" and "als"): squared error, with the same weight for every
// rating. Put in front of row_sgd_data.wgsl and normal_sums.wgsl. CPU form: src/train/row/objective.rs.

// The value minus the product of rows: the direction of a gradient step.
fn residual(value: f32, product: f32) -> f32 {
    return value - product;
}

// The weight of a rating of this value in normal equations, to be multiplied by the weights of its rows.
fn weight(value: f32) -> f32 {
    return 1.0;
}
