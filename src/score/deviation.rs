//! The uncertainty of a model with several posterior samples (draws): the standard deviation of a prediction.
//!
//! The draws are equally likely, so the predicted distribution of a rating is their mixture. Its variance is
//! the variance of the draws' predictions about their mean, plus the noise: the mean variance of a rating
//! about a draw's prediction.

use super::block::ItemBlock;
use super::form::{bias, left_users, parts, product_of_draw};
use super::score;
use super::tile::{Tile, TileSink, walk};
use crate::model::Factors;
use crate::{Error, Result};
use pulp::Simd;
use std::ops::Range;

/// Whether a deviation is that of a rating or that of the draws' predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// The deviation of a rating: that of the draws, and the noise about them.
    With,
    /// The deviation of the draws' predictions alone, which shrinks with more data.
    Without,
}

/// The standard deviation, in rating units, of a prediction before clipping. For a side without a row
/// (`None`) it is that of the average row, which is too small for a row never seen.
///
/// # Panics
/// If a number is not a row of the draws, or if noise is asked for and a draw has no [`Factors::fold_in`],
/// which holds the noise.
pub fn deviation(
    draws: &(impl AsRef<[Factors]> + ?Sized),
    user: Option<u32>,
    item: Option<u32>,
    noise: Noise,
) -> f32 {
    deviation_about(draws, (user, item), score(draws, user, item), noise)
}

/// As [`deviation`], for a caller that has the [`score`] already.
///
/// # Panics
/// As [`deviation`].
pub fn deviation_about(
    draws: &(impl AsRef<[Factors]> + ?Sized),
    (user, item): (Option<u32>, Option<u32>),
    score: f32,
    noise: Noise,
) -> f32 {
    let draws = draws.as_ref();
    let mut sum = 0.0;
    for n in 0..draws.len() {
        let away = away(draws, n, (user, item), score);
        sum += away * away;
    }
    let variance = sum / draws.len() as f32 + variance(draws, user, item, noise);
    if variance.is_normal() { variance.sqrt() } else { extreme(draws, (user, item), score, noise) }
}

/// How far the prediction of a draw is from the score.
fn away(draws: &[Factors], n: usize, (user, item): (Option<u32>, Option<u32>), score: f32) -> f32 {
    let product = item.map_or(0.0, |item| product_of_draw(draws, n, user, item));
    constant(&draws[n], user) + draws.len() as f32 * product - score
}

/// The same deviation where its square is no `f32`: with ratings near 1e30, or near 1e-30.
#[cold]
fn extreme(draws: &[Factors], of: (Option<u32>, Option<u32>), score: f32, noise: Noise) -> f32 {
    let mut sum = 0.0;
    for (n, draw) in draws.iter().enumerate() {
        sum += f64::from(away(draws, n, of, score)).powi(2);
        if let (Noise::With, Some(fold_in)) = (noise, &draw.fold_in) {
            let weights = [weight(&draw.user_weight, of.0), weight(&draw.item_weight, of.1)].map(f64::from);
            let precision = f64::from(fold_in.precision) * weights[0] * weights[1];
            sum += f64::from(draw.scale).powi(2) / precision;
        }
    }
    (sum / draws.len() as f64).sqrt() as f32
}

impl ItemBlock<'_> {
    /// Writes the [`deviation`] of each of `users` with each of the items to `deviations`. It and `scores`,
    /// the result of [`scores`](Self::scores), hold `users` x `items` numbers, row after row.
    ///
    /// # Panics
    /// As [`deviation`], or if `scores` or `deviations` has another length.
    pub fn deviations(
        &self,
        users: &[Option<u32>],
        (scores, noise): (&[f32], Noise),
        deviations: &mut [f32],
    ) {
        let Self { draws, items, packed } = self;
        let size = users.len() * items.len();
        let given = (scores.len(), deviations.len());
        assert_eq!(given, (size, size), "{} users x {} items", users.len(), items.len());
        let squares = Squares::new(draws, users);
        deviations.copy_from_slice(scores);
        let mut write = Write { squares, items: items.len(), numbers: deviations };
        walk(&left_users(draws, users), packed, &mut write);
        let count = draws.len() as f32;
        let mut noises = vec![0.0; items.len()];
        for (row, &user) in deviations.chunks_mut(items.len().max(1)).zip(users) {
            if noise == Noise::With {
                sum_noises(draws, user, items, &mut noises);
            }
            for (sum, noises) in row.iter_mut().zip(&noises) {
                *sum = *sum / count + noises / count;
            }
        }
        let rows = deviations.chunks_mut(items.len().max(1)).zip(scores.chunks(items.len().max(1)));
        for ((row, scores), &user) in rows.zip(users) {
            for ((item, variance), &score) in (items.start as u32..).zip(row).zip(scores) {
                let of = (user, Some(item));
                let normal = variance.is_normal();
                *variance = if normal { variance.sqrt() } else { extreme(draws, of, score, noise) };
            }
        }
    }
}

/// For each item, sums over the draws the variance of a user's rating about their predictions.
fn sum_noises(draws: &[Factors], user: Option<u32>, items: &Range<usize>, sums: &mut [f32]) {
    sums.fill(0.0);
    for draw in draws {
        let own = weight(&draw.user_weight, user);
        if draw.item_weight.is_empty() {
            let noise = noise_of(draw, own);
            sums.iter_mut().for_each(|sum| *sum += noise);
        } else {
            let weights = &draw.item_weight[items.clone()];
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += noise_of(draw, own * weight));
        }
    }
}

/// The squared differences of the draws' scores from their mean, summed, for tiles of users.
pub(super) struct Squares {
    parts: Vec<Range<usize>>,
    /// For each user, the constant of each draw.
    constants: Vec<f32>,
}

impl Squares {
    /// Prepares these users, in the order of the left side.
    pub(super) fn new(draws: &[Factors], users: &[Option<u32>]) -> Self {
        let of = |&user: &Option<u32>| draws.iter().map(move |draw| constant(draw, user));
        let parts = parts(draws).map(|(_, part)| part).collect();
        Self { parts, constants: users.iter().flat_map(of).collect() }
    }

    /// The number of draws.
    pub(super) fn draws(&self) -> usize {
        self.parts.len()
    }

    /// The sums for a tile, given the mean scores.
    #[expect(clippy::inline_always, reason = "part of the walk")]
    #[inline(always)]
    pub(super) fn sums<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &self,
        simd: S,
        tile: Tile<'_>,
        scores: &[[S::f32s; VECTORS]; ROWS],
    ) -> [[S::f32s; VECTORS]; ROWS] {
        let draws = self.parts.len();
        let times = simd.splat_f32s(draws as f32);
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        for (draw, part) in self.parts.iter().enumerate() {
            let products = tile.products::<S, ROWS, VECTORS>(simd, part.clone());
            for (n, sums) in sums.iter_mut().enumerate() {
                let constant = self.constants.get((tile.row + n) * draws + draw).copied().unwrap_or_default();
                let constant = simd.splat_f32s(constant);
                for (v, sum) in sums.iter_mut().enumerate() {
                    let score = simd.add_f32s(constant, simd.mul_f32s(times, products[n][v]));
                    let away = simd.sub_f32s(score, scores[n][v]);
                    *sum = simd.add_f32s(*sum, simd.mul_f32s(away, away));
                }
            }
        }
        sums
    }
}

/// Replaces scores by sums of squares.
struct Write<'a> {
    squares: Squares,
    items: usize,
    numbers: &'a mut [f32],
}

impl TileSink for Write<'_> {
    fn begin(&mut self, _: Range<usize>, _: Range<usize>) {}

    #[expect(clippy::inline_always, reason = "part of the walk")]
    #[inline(always)]
    fn take<S: Simd, const ROWS: usize, const VECTORS: usize>(&mut self, simd: S, tile: Tile<'_>) {
        let mut scores = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        let rows = self.numbers.chunks_mut(self.items).skip(tile.row);
        let lanes = (VECTORS * S::F32_LANES).min(self.items - tile.lane);
        for (row, scores) in rows.zip(&mut scores) {
            let scores: &mut [f32] = bytemuck::cast_slice_mut(scores);
            scores[..lanes].copy_from_slice(&row[tile.lane..][..lanes]);
        }
        let sums = self.squares.sums::<S, ROWS, VECTORS>(simd, tile, &scores);
        for (row, sums) in self.numbers.chunks_mut(self.items).skip(tile.row).zip(&sums) {
            row[tile.lane..][..lanes].copy_from_slice(&bytemuck::cast_slice(sums)[..lanes]);
        }
    }
}

/// The constant that is added to all products of a user in a draw.
fn constant(draw: &Factors, user: Option<u32>) -> f32 {
    draw.mean + draw.scale * bias(draw, user)
}

/// The mean variance of a rating about the draws' predictions, in squared rating units.
fn variance(draws: &[Factors], user: Option<u32>, item: Option<u32>, noise: Noise) -> f32 {
    if noise == Noise::Without {
        return 0.0;
    }
    let of =
        |draw: &Factors| noise_of(draw, weight(&draw.user_weight, user) * weight(&draw.item_weight, item));
    draws.iter().map(of).sum::<f32>() / draws.len() as f32
}

/// The variance of a rating of this weight about a draw's prediction.
fn noise_of(draw: &Factors, weight: f32) -> f32 {
    match &draw.fold_in {
        Some(fold_in) => draw.scale * draw.scale / (fold_in.precision * weight),
        None => panic!("a draw that does not say how precise ratings are"),
    }
}

fn weight(weights: &[f32], row: Option<u32>) -> f32 {
    row.and_then(|row| weights.get(row as usize)).map_or(1.0, |&weight| weight)
}

/// Checks that a model's draws can yield deviations, which the feature `what` needs.
///
/// # Errors
/// [`Error::Usage`] if the model has one draw, or if noise is asked for and the model does not have the
/// precision of ratings.
pub fn needs_draws(draws: &(impl AsRef<[Factors]> + ?Sized), noise: Noise, what: &str) -> Result<()> {
    let draws = draws.as_ref();
    if draws.len() < 2 {
        let why = "needs a model of several draws, which knows how sure it is: train with \
                   `training.algorithm = bayes`";
        return Err(Error::Usage(format!("{what} {why}")));
    }
    let vague = |draw: &Factors| draw.fold_in.as_ref().is_none_or(|fold_in| fold_in.precision <= 0.0);
    if noise == Noise::With && draws.iter().any(vague) {
        let why = "needs to know how precise ratings are, which the model does not say: train it again with this version";
        return Err(Error::Usage(format!("{what} {why}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Matrix, Square};
    use crate::model::{Belief, FoldIn};
    use crate::score::{TopOptions, top_items};

    /// One user, three items. Only the second draw has weights for the user and the items.
    fn draws() -> Vec<Factors> {
        let belief = Belief::new(Square::diagonal(3, 1.0), vec![0.0; 3]);
        let draw = |user: [f32; 2], precision| Factors {
            users: Matrix::from_vec(1, 2, user.to_vec()),
            items: Matrix::from_vec(3, 2, vec![1.0, 0.0, 0.0, 1.0, 0.5, 0.5]),
            user_bias: vec![0.0],
            item_bias: vec![0.0, 0.5, 0.25],
            mean: 3.0,
            scale: 2.0,
            fold_in: Some(FoldIn {
                unobserved_weight: 0.0,
                precision,
                power: 0.0,
                implicit_weight: 0.0,
                users: belief.clone(),
                items: belief.clone(),
            }),
            ..Factors::default()
        };
        let mut second = draw([0.5, 0.5], 2.0);
        (second.user_weight, second.item_weight) = (vec![0.5], vec![2.0, 1.0, 0.25]);
        vec![draw([1.0, 0.0], 4.0), second]
    }

    /// The draws predict 5 and 4 for item 0; noise is `4 / 4` and `4 / (2 * .5 * 2)`. They predict 4 and 5
    /// for item 1; noise is `4 / 4` and `4 / (2 * .5)`. Both predict 4.5 for item 2; noise is `4 / 4` and `4
    /// / (2 * .5 * .25)`.
    #[test]
    fn deviations_by_hand() {
        let draws = draws();
        let (spread, noise) = ([0.25_f32, 0.25, 0.0], [1.5_f32, 2.5, 8.5]);
        let mut scores = [0.0; 3];
        let items = ItemBlock::new(&draws, 0..3);
        items.scores(&[Some(0)], &mut scores);
        assert_eq!(scores.map(f32::to_bits), [4.5_f32.to_bits(); 3]);
        for (kind, expected) in
            [(Noise::Without, spread), (Noise::With, [0, 1, 2].map(|item| spread[item] + noise[item]))]
        {
            let mut block = [f32::NAN; 3];
            items.deviations(&[Some(0)], (&scores, kind), &mut block);
            for item in 0..3 {
                assert!((block[item] - expected[item].sqrt()).abs() < 1e-6, "{kind:?} {block:?}");
                let single = deviation(&draws, Some(0), Some(item as u32), kind);
                assert_eq!(single.to_bits(), block[item].to_bits());
            }
        }
    }

    /// The same draws in other units have the same deviations in these, also where their squares are no numbers.
    #[test]
    fn ratings_of_any_size() {
        for unit in [1e-30_f32, 1e-20, 1e20, 1e30] {
            let mut draws = draws();
            draws.iter_mut().for_each(|draw| (draw.mean, draw.scale) = (draw.mean * unit, draw.scale * unit));
            let mut scores = [0.0; 3];
            let items = ItemBlock::new(&draws, 0..3);
            items.scores(&[Some(0)], &mut scores);
            for (noise, expected) in [(Noise::Without, 0.25_f32), (Noise::With, 1.75)] {
                let mut block = [f32::NAN; 3];
                items.deviations(&[Some(0)], (&scores, noise), &mut block);
                assert!((block[0] / unit - expected.sqrt()).abs() < 1e-6, "{unit} {block:?}");
                let single = deviation(&draws, Some(0), Some(0), noise);
                assert_eq!(single.to_bits(), block[0].to_bits());
            }
        }
    }

    #[test]
    fn what_is_not_known_is_average() {
        let draws = draws();
        assert!((deviation(&draws, None, None, Noise::With) - 1.5_f32.sqrt()).abs() < 1e-6);
        assert!(deviation(&draws, None, Some(1), Noise::Without) < 1e-6);
    }

    /// All three score 4.5, so the first is best; the draws agree most about the last.
    #[test]
    fn exploring_ranks_and_scores_stay() {
        let draws = draws();
        let order = |explore| -> Vec<(u32, f32)> {
            let options = TopOptions { explore, ..TopOptions::default() };
            top_items(&draws, &[0_u32], &options).remove(0)
        };
        assert_eq!(order(0.0), [(0, 4.5), (1, 4.5), (2, 4.5)]);
        assert_eq!(order(1.0), [(0, 4.5), (1, 4.5), (2, 4.5)]);
        assert_eq!(order(-1.0), [(2, 4.5), (0, 4.5), (1, 4.5)]);
    }

    #[test]
    fn one_draw_knows_no_deviation() {
        let mut draws = draws();
        let says = |draws: &[Factors], noise| match needs_draws(draws, noise, "this") {
            Err(Error::Usage(why)) => why,
            other => format!("{other:?}"),
        };
        assert_eq!(says(&draws, Noise::With), "Ok(())");
        draws[1].fold_in = None;
        assert!(says(&draws, Noise::With).contains("train it again"));
        assert_eq!(says(&draws, Noise::Without), "Ok(())");
        draws.pop();
        assert!(says(&draws, Noise::Without).contains("bayes"));
    }
}
