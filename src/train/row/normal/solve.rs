//! Solves for a row whose sums are complete, or draws from the posterior around the solution.

use super::fixed::dot_from;
use super::gather::Sums;
use super::numbers::Numbers;
use crate::math::normal;
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
}

impl WithSimd for Solve<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sums, row, state, number, activity, numbers } = self;
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
            row[n] = precision * row[n] + scale * prior.pull[i] + shared.pull[i] + implicit;
        }
        let mut inverse = vec![0f32; n];
        factor(simd, &mut sums.upper[..n * width], width, &mut inverse);

        let mut x = vec![0f32; width];
        for i in (0..n).rev() {
            let triangle = &sums.upper[i * width..][..width];
            let done = dot_from(simd, triangle, &x, i / S::F32_LANES);
            let noise = numbers.noise.map_or(0.0, |noise| normal(noise.words(number, i as u32 / 4)[i % 4]));
            x[i] = (triangle[n] + noise - done) * inverse[i];
        }
        row[..k].copy_from_slice(&x[..k]);
        state.bias = x[k];
    }
}

/// The number of rows that are eliminated at a time.
const PANEL: usize = 4;

/// Cholesky factorization in place. The upper triangle `A` of `n` rows becomes `U` with `U' U = A`, and each
/// further column `b` becomes the solution of `U' w = b`. `inverse` receives one over each pivot, or 0 where
/// rounding leaves nothing of a pivot; that unknown is then 0.
#[inline(always)]
fn factor<S: Simd>(simd: S, upper: &mut [f32], width: usize, inverse: &mut [f32]) {
    let (n, lanes) = (inverse.len(), S::F32_LANES);
    let tolerance = n as f32 * f32::EPSILON;
    let diagonal: Vec<f32> = (0..n).map(|i| upper[i * width + i]).collect();
    for first in (0..n).step_by(PANEL) {
        let count = PANEL.min(n - first);
        let (panel, rest) = upper[first * width..].split_at_mut(count * width);
        for a in 0..count {
            let (done, row) = panel.split_at_mut(a * width);
            let row = &mut row[..width];
            let i = first + a;
            for done in done.chunks_exact(width) {
                let weight = simd.splat_f32s(-done[i]);
                let done = &S::as_simd_f32s(done).0[i / lanes..];
                let row = &mut S::as_mut_simd_f32s(row).0[i / lanes..];
                row.iter_mut().zip(done).for_each(|(x, &y)| *x = simd.mul_add_e_f32s(weight, y, *x));
            }
            let pivot = row[i];
            inverse[i] = if pivot > tolerance * diagonal[i] { 1.0 / pivot.sqrt() } else { 0.0 };
            let by = simd.splat_f32s(inverse[i]);
            let row = &mut S::as_mut_simd_f32s(row).0[i / lanes..];
            row.iter_mut().for_each(|x| *x = simd.mul_f32s(by, *x));
        }
        if count < PANEL {
            break;
        }
        let (a, panel) = panel.split_at(width);
        let (b, panel) = panel.split_at(width);
        let (c, d) = panel.split_at(width);
        for (row, i) in rest.chunks_exact_mut(width).zip(first + PANEL..n) {
            let weights = [a, b, c, d].map(|row| simd.splat_f32s(-row[i]));
            let from = i / lanes;
            let [a, b, c, d] = [a, b, c, d].map(|row| &S::as_simd_f32s(row).0[from..]);
            let row = &mut S::as_mut_simd_f32s(row).0[from..];
            for ((((x, &a), &b), &c), &d) in row.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                let first = simd.mul_add_e_f32s(weights[1], b, simd.mul_add_e_f32s(weights[0], a, *x));
                let second = simd.mul_add_e_f32s(weights[3], d, simd.mul_f32s(weights[2], c));
                *x = simd.add_f32s(first, second);
            }
        }
    }
}
