//! Scores of a pair, and of a block of users against a range of items. Both add in the same order, and no
//! fused operations are used, so they agree to the bit with each other and on every machine.

use crate::math::Matrix;
use crate::model::{Factors, Model};
use std::ops::Range;

/// Items that are scored side by side: the lanes of the inner loop.
const LANES: usize = 16;
/// Users that are scored side by side; with the lanes, as many sums as fit the registers.
const ROWS: usize = 4;

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
        // Compiled for several instruction sets, of which the machine's best is called.
        pulp::Arch::new().dispatch(AddDraw { draw, users, items: items.clone(), scores });
    }
    let draws = model.draws.len() as f32;
    for score in scores {
        *score /= draws;
    }
}

/// The arguments of [`add_draw`]. A closure would do, but it is not inlined and so not compiled for wide registers.
struct AddDraw<'a> {
    draw: &'a Factors,
    users: &'a [Option<u32>],
    items: Range<usize>,
    scores: &'a mut [f32],
}

impl pulp::WithSimd for AddDraw<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "asked for by the trait")]
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        add_draw(self.draw, self.users, self.items, self.scores);
    }
}

#[expect(clippy::inline_always, reason = "it must be compiled inside `dispatch` to use wide registers")]
#[inline(always)]
fn add_draw(draw: &Factors, users: &[Option<u32>], items: Range<usize>, scores: &mut [f32]) {
    let width = items.len();
    let factors = draw.users.columns();
    let nobody = vec![0.0; factors];
    let mut panel = vec![[0.0; LANES]; factors];
    for start in items.clone().step_by(LANES) {
        let lanes = LANES.min(items.end - start);
        let mut item_bias = [0.0; LANES];
        item_bias[..lanes].copy_from_slice(&draw.item_bias[start..start + lanes]);
        pack(&draw.items, start, lanes, &mut panel);
        for (group, block) in users.chunks(ROWS).zip(scores.chunks_mut(ROWS * width)) {
            let row = |at: usize| match group.get(at) {
                Some(&Some(user)) => draw.users.row(user as usize),
                _ => &nobody,
            };
            let dots = products(&panel, [row(0), row(1), row(2), row(3)]);
            for ((&user, dots), scores) in group.iter().zip(&dots).zip(block.chunks_mut(width)) {
                let user_bias = bias(&draw.user_bias, user);
                let scores = &mut scores[start - items.start..][..lanes];
                for (score, (&item_bias, &dot)) in scores.iter_mut().zip(item_bias.iter().zip(dots)) {
                    *score += assemble(draw, user_bias, item_bias, dot);
                }
            }
        }
    }
}

/// Puts the vectors of some items side by side: `panel[factor][lane]`. Lanes beyond the last item keep what
/// they had, and what is computed from them is not used.
#[expect(clippy::inline_always, reason = "part of `add_draw`")]
#[inline(always)]
fn pack(items: &Matrix, start: usize, lanes: usize, panel: &mut [[f32; LANES]]) {
    for lane in 0..lanes {
        for (column, &number) in panel.iter_mut().zip(items.row(start + lane)) {
            column[lane] = number;
        }
    }
}

/// The inner products of some users with the items of a panel.
#[expect(clippy::inline_always, reason = "part of `add_draw`")]
#[inline(always)]
fn products(panel: &[[f32; LANES]], rows: [&[f32]; ROWS]) -> [[f32; LANES]; ROWS] {
    let rows = rows.map(|row| &row[..panel.len()]);
    let mut sums = [[0.0; LANES]; ROWS];
    for (factor, column) in panel.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(&rows) {
            for (sum, item) in sums.iter_mut().zip(column) {
                *sum += row[factor] * item;
            }
        }
    }
    sums
}

#[expect(clippy::inline_always, reason = "part of `add_draw`")]
#[inline(always)]
fn assemble(draw: &Factors, user_bias: f32, item_bias: f32, dot: f32) -> f32 {
    draw.mean + draw.scale * (user_bias + item_bias + dot)
}

fn bias(biases: &[f32], number: Option<u32>) -> f32 {
    number.map_or(0.0, |number| biases[number as usize])
}
