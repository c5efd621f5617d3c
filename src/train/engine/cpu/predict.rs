//! Predictions of ratings that are not trained on.

use super::padded::Padded;
use crate::ratings::{Ratings, Sides};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// The number of ratings in a partial sum. It is fixed, so that the sum does not depend on the number of
/// threads.
const PARTIAL: usize = 8192;

/// Factors, and the ratings to predict with them.
#[derive(Clone, Copy)]
pub(super) struct Predictor<'a> {
    pub(super) sides: &'a Sides<Padded>,
    pub(super) ratings: &'a Ratings,
}

impl Predictor<'_> {
    /// The predictions, not clipped.
    pub(super) fn predictions(self, arch: Arch) -> Vec<f32> {
        let mut predictions = vec![0.0; self.ratings.len()];
        predictions.par_chunks_mut(PARTIAL).enumerate().for_each(|(part, out)| {
            arch.dispatch(Predict { of: self, first: part * PARTIAL, out });
        });
        predictions
    }

    /// Sums of squared errors over parts of the ratings. Predictions are clipped to `range`; `offset` is
    /// added to the ratings before.
    pub(super) fn squared_error_parts(self, arch: Arch, offset: f32, range: (f32, f32)) -> Vec<f64> {
        (0..self.ratings.len().div_ceil(PARTIAL))
            .into_par_iter()
            .map(|part| {
                let first = part * PARTIAL;
                let values = &self.ratings.values[first..self.ratings.len().min(first + PARTIAL)];
                let mut out = vec![0.0; values.len()];
                arch.dispatch(Predict { of: self, first, out: &mut out });
                let error = |(value, predicted): (&f32, &f32)| {
                    f64::from(value + offset - predicted.clamp(range.0, range.1)).powi(2)
                };
                values.iter().zip(&out).map(error).sum()
            })
            .collect()
    }
}

/// Predicts the ratings beginning with `first`.
struct Predict<'a, 'b> {
    of: Predictor<'a>,
    first: usize,
    out: &'b mut [f32],
}

impl WithSimd for Predict<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Predictor { sides: Sides { users, items }, ratings } = self.of;
        for (n, out) in (self.first..).zip(self.out) {
            let (user, item) = (ratings.users[n], ratings.items[n]);
            let (p, q) = (S::as_simd_f32s(users.row(user)).0, S::as_simd_f32s(items.row(item)).0);
            let product =
                p.iter().zip(q).fold(simd.splat_f32s(0.0), |sum, (&p, &q)| simd.mul_add_e_f32s(p, q, sum));
            let bias = users.rows[user as usize].bias + items.rows[item as usize].bias;
            *out = bias + simd.reduce_sum_f32s(product);
        }
    }
}
