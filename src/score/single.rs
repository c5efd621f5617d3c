//! The score of a pair, and the prediction.

use super::form::{constant, product};
use crate::model::Model;

/// What the model says of a pair, in rating units, not clipped: the mean over the draws of
/// `mean + scale * (b_u + b_i + p_u . q_i)`. A side the model does not know (`None`) adds nothing, which leaves
/// the mean and the other side's bias. The same to the bit as in blocks and lists.
///
/// # Panics
/// If a number is no row of the model.
pub fn score(model: &Model, user: Option<u32>, item: Option<u32>) -> f32 {
    constant(model, user) + item.map_or(0.0, |item| product(model, user, item))
}

/// What the model predicts a user gives an item: the [`score`], clipped to the model's range.
///
/// # Panics
/// If a number is no row of the model.
pub fn predict(model: &Model, user: Option<u32>, item: Option<u32>) -> f32 {
    score(model, user, item).clamp(model.range.0, model.range.1)
}
