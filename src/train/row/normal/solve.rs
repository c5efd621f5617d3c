//! Solves for a row whose sums are complete, or draws from the posterior around the solution.

use super::cholesky::{back, factor};
use super::gather::Sums;
use super::numbers::Numbers;
use crate::train::row::RowState;
use pulp::{Simd, WithSimd};

/// Solves for one row whose sums over ratings are complete. The sums are overwritten.
#[derive(Debug)]
pub struct Solve<'a> {
    /// The sums.
    pub sums: &'a mut Sums,
    /// The row's own factors, `stride` of them.
    pub row: &'a mut [f32],
    /// The row's own state.
    pub state: &'a mut RowState,
    /// The row's number.
    pub number: u32,
    /// The row's number of ratings.
    pub activity: u32,
    /// The parameters of the sweep.
    pub numbers: &'a Numbers,
    /// What is added to the right-hand side in place of the noise of the sweep; empty for nothing.
    pub pull: &'a [f32],
}

impl WithSimd for Solve<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sums, row, state, number, activity, numbers, pull } = self;
        let (k, width) = (sums.factors, sums.width);
        let n = k + 1;
        let scale = numbers.prior_scale(activity);
        let precision = numbers.precision * state.weight();
        let (prior, shared) = (&numbers.prior, &numbers.shared);
        for i in 0..n {
            let row = &mut sums.upper[i * width..][..=n];
            let (own, all) = (&prior.matrix.row(i)[i..], &shared.matrix.row(i)[i..]);
            for ((entry, own), all) in row[i..].iter_mut().zip(own).zip(all) {
                *entry = precision * *entry + scale * own + all;
            }
            let implicit =
                sums.implicit.get(i).filter(|_| i < k).map_or(0.0, |sum| numbers.implicit_weight * sum);
            let pull = pull.get(i).copied().unwrap_or(0.0);
            row[n] = precision * row[n] + scale * prior.pull[i] + shared.pull[i] + implicit + pull;
        }
        let Sums { upper, inverse, solution, noise, .. } = sums;
        factor(simd, &mut upper[..n * width], width, &mut inverse[..n]);
        noise[..n].fill(0.0);
        if let Some(source) = numbers.noise.filter(|_| pull.is_empty()) {
            source.fill(number, &mut noise[..n]);
        }
        back(simd, &upper[..n * width], width, &inverse[..n], solution, &noise[..n]);
        row[..k].copy_from_slice(&solution[..k]);
        state.bias = solution[k];
    }
}
