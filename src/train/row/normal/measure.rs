//! The errors of a row after it was solved for.

use super::fixed::{FixedSide, TILE, dot_from};
use crate::ratings::CellSlice;
use crate::train::row::Target;
use crate::train::row::objective::residual;
use pulp::{Scalar, Simd, WithSimd};

/// Sums of a row's squared errors over its ratings: unweighted, and with each error weighted by its fixed
/// row.
#[derive(Debug)]
pub struct Measure<'a> {
    /// The fixed side.
    pub fixed: FixedSide<'a>,
    /// The ratings, each with a row of the fixed side.
    pub ratings: CellSlice<'a>,
    /// What a rating is evidence of.
    pub target: Target,
    /// The row's own factors.
    pub row: &'a [f32],
    /// The row's own bias.
    pub bias: f32,
}

impl WithSimd for Measure<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f32; 2] {
        let Self { fixed, ratings, target, row, bias } = self;
        let mut sums = [0.0; 2];
        for start in (0..ratings.len()).step_by(TILE) {
            let (mut plain, mut weighted) = (0.0, 0.0);
            for n in start..ratings.len().min(start + TILE) {
                let (other, value) = ratings.get(n);
                let product = dot_from(simd, row, fixed.row(other), 0);
                let state = &fixed.states[other as usize];
                let value_alone = target.of(value) - target.bias() * bias - state.bias;
                let error = residual(Scalar::new(), value_alone, product);
                let weight = target.weight(value);
                plain += weight * error * error;
                weighted += weight * state.weight() * error * error;
            }
            sums[0] += plain;
            sums[1] += weighted;
        }
        sums
    }
}
