//! Predictions of ratings that are not trained on.

use super::padded::Padded;
use crate::ratings::{Ratings, Sides};
use crate::train::problem::PART;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;

/// Factors, and the ratings to predict with them. They are taken in parts of a fixed size, so that sums over them
/// do not depend on the number of threads.
#[derive(Clone)]
pub(super) struct Predictor<'a> {
    pub(super) sides: &'a Sides<Padded>,
    pub(super) ratings: &'a Ratings,
    /// The ones to predict, from the first of a part on.
    pub(super) places: Range<usize>,
}

impl Predictor<'_> {
    /// The predictions, not clipped.
    pub(super) fn predictions(&self, arch: Arch) -> Vec<f32> {
        let mut predictions = vec![0.0; self.places.len()];
        let parts = self.places.clone().into_par_iter().step_by(PART);
        parts.zip(predictions.par_chunks_mut(PART)).for_each(|(first, out)| {
            arch.dispatch(Predict { of: self, first, out });
        });
        predictions
    }

    /// Sums of squared errors over parts of the ratings. Predictions are clipped to `range`; `offset` is
    /// added to the ratings before.
    pub(super) fn squared_error_parts(&self, arch: Arch, offset: f32, range: (f32, f32)) -> Vec<f64> {
        let part = |first: usize| {
            let values = &self.ratings.values[first..self.places.end.min(first + PART)];
            let mut out = vec![0.0; values.len()];
            arch.dispatch(Predict { of: self, first, out: &mut out });
            let error = |(value, predicted): (&f32, &f32)| {
                f64::from(value + offset - predicted.clamp(range.0, range.1)).powi(2)
            };
            values.iter().zip(&out).map(error).sum()
        };
        self.places.clone().into_par_iter().step_by(PART).map(part).collect()
    }
}

/// Predicts the ratings beginning with `first`.
struct Predict<'a, 'b> {
    of: &'b Predictor<'a>,
    first: usize,
    out: &'b mut [f32],
}

impl WithSimd for Predict<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Predictor { sides: Sides { users, items }, ratings, .. } = self.of;
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
