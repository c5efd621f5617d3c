//! The score of a pair, and its prediction.

use super::form::{constant, product};
use crate::model::{Factors, Model};

/// The score of a pair in rating units, not clipped: the mean over the draws (posterior samples) of `mean +
/// scale * (b_u + b_i + p_u . q_i)`. A side without a row (`None`) adds nothing, so the mean and the other
/// side's bias remain. Blocks and lists give the same score to the bit.
///
/// # Panics
/// If a number is not a row of the draws.
pub fn score(draws: &(impl AsRef<[Factors]> + ?Sized), user: Option<u32>, item: Option<u32>) -> f32 {
    let draws = draws.as_ref();
    constant(draws, user) + item.map_or(0.0, |item| product(draws, user, item))
}

/// The predicted rating of an item by a user: the [`score`], clipped to the model's range.
///
/// # Panics
/// If a number is not a row of the model.
pub fn predict(model: &Model, user: Option<u32>, item: Option<u32>) -> f32 {
    score(model, user, item).clamp(model.range.0, model.range.1)
}
