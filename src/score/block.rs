//! Scores of a pair, and of a block of users against a range of items. Both add in the same order, and no
//! fused operations are used, so they agree to the bit with each other and on every machine.

use super::walk::{Take, walk};
use crate::model::{Factors, Model};
use std::ops::Range;

/// What the model says of a pair, in rating units, not clipped: the mean over the draws of
/// `mean + scale * (b_u + b_i + p_u . q_i)`. A side the model does not know (`None`) adds nothing, which leaves
/// the mean and the other side's bias.
///
/// # Panics
/// If a number is no row of the model.
pub fn score(model: &Model, user: Option<u32>, item: Option<u32>) -> f32 {
    let mut sum = 0.0;
    for draw in &model.draws {
        let dot = match (user, item) {
            (Some(user), Some(item)) => {
                let (p, q) = (draw.users.row(user as usize), draw.items.row(item as usize));
                p.iter().zip(q).fold(0.0, |sum, (p, q)| sum + p * q)
            }
            _ => 0.0,
        };
        sum += assemble(draw, bias(&draw.user_bias, user), bias(&draw.item_bias, item), dot);
    }
    sum / model.draws.len() as f32
}

/// What the model predicts a user gives an item: the [`score`], clipped to the model's range.
///
/// # Panics
/// If a number is no row of the model.
pub fn predict(model: &Model, user: Option<u32>, item: Option<u32>) -> f32 {
    score(model, user, item).clamp(model.range.0, model.range.1)
}

/// Writes the [`score`] of every one of `users` with every item of a range to `scores`, which is `users` x
/// `items` numbers, row after row. Single-threaded: the callers run several blocks at once. A block of some
/// dozens of users is efficient.
///
/// # Panics
/// If a number is no row of the model, or if `scores` has another length.
pub fn score_block(model: &Model, users: &[Option<u32>], items: Range<usize>, scores: &mut [f32]) {
    assert_eq!(scores.len(), users.len() * items.len(), "{} users x {} items", users.len(), items.len());
    scores.fill(0.0);
    for draw in &model.draws {
        let mut take = AddDraw { draw, users, items: items.clone(), scores };
        walk((&draw.users, users), (&draw.items, items.clone()), &mut take);
    }
    let draws = model.draws.len() as f32;
    for score in scores {
        *score /= draws;
    }
}

/// Adds what a draw says to scores.
struct AddDraw<'a> {
    draw: &'a Factors,
    users: &'a [Option<u32>],
    items: Range<usize>,
    scores: &'a mut [f32],
}

impl Take for AddDraw<'_> {
    #[expect(clippy::inline_always, reason = "part of the walk")]
    #[inline(always)]
    fn take(&mut self, at: usize, first: usize, dots: &[f32]) {
        let scores = &mut self.scores[at * self.items.len() + first - self.items.start..][..dots.len()];
        let user_bias = bias(&self.draw.user_bias, self.users[at]);
        let item_bias = &self.draw.item_bias[first..first + dots.len()];
        for (score, (&item_bias, &dot)) in scores.iter_mut().zip(item_bias.iter().zip(dots)) {
            *score += assemble(self.draw, user_bias, item_bias, dot);
        }
    }
}

#[expect(clippy::inline_always, reason = "part of the walk")]
#[inline(always)]
pub(super) fn assemble(draw: &Factors, user_bias: f32, item_bias: f32, dot: f32) -> f32 {
    draw.mean + draw.scale * (user_bias + item_bias + dot)
}

pub(super) fn bias(biases: &[f32], number: Option<u32>) -> f32 {
    number.map_or(0.0, |number| biases[number as usize])
}
