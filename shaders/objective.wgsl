// What a rating asks of the rows it is of (docs/maths.md, "sgd" and "als"): squared error, and every rating
// weighs the same. Put in front of row_sgd_data.wgsl and normal_sums.wgsl. CPU form:
// src/train/row/objective.rs.

// How far a product of rows falls short of the value that is left for it: the direction of a gradient step.
fn residual(value: f32, product: f32) -> f32 {
    return value - product;
}

// What a rating of this value weighs in normal equations, times the weights of its rows.
fn weight(value: f32) -> f32 {
    return 1.0;
}
