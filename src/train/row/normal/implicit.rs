//! Implicit features: who rated what, explained by the factors of the other side (docs/maths.md, "Implicit
//! features").

use super::fixed::FixedSide;
use crate::math::Matrix;
use crate::ratings::CellSlice;
use pulp::{Simd, WithSimd};

/// Computes the implicit features of a row: `matrix (sum of the rated rows - activity mean)`.
#[derive(Debug)]
pub struct MakeImplicit<'a> {
    /// The side whose factors explain who rated what.
    pub fixed: FixedSide<'a>,
    /// The ratings, each with a row of the fixed side.
    pub ratings: CellSlice<'a>,
    /// The parameters of the sweep.
    pub numbers: &'a ImplicitNumbers,
    /// The implicit features to compute, `stride` numbers.
    pub implicit: &'a mut [f32],
}

/// The parameters of a sweep over implicit features.
#[derive(Debug, Clone, PartialEq)]
pub struct ImplicitNumbers {
    /// The inverse of the regularized second moments of the fixed side, `k x k`.
    pub matrix: Matrix,
    /// The mean of the fixed side, `k` numbers.
    pub mean: Vec<f32>,
}

impl WithSimd for MakeImplicit<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { fixed, ratings, numbers, implicit } = self;
        let k = fixed.factors;
        let mut sum = vec![0f32; fixed.stride()];
        let total = S::as_mut_simd_f32s(&mut sum).0;
        for n in 0..ratings.len() {
            let row = S::as_simd_f32s(fixed.row(ratings.other(n))).0;
            for (sum, &row) in total.iter_mut().zip(row) {
                *sum = simd.add_f32s(*sum, row);
            }
        }
        sum[..k].iter_mut().zip(&numbers.mean).for_each(|(sum, mean)| *sum -= ratings.len() as f32 * mean);
        for (n, entry) in implicit[..k].iter_mut().enumerate() {
            *entry = numbers.matrix.row(n).iter().zip(&sum).map(|(a, b)| a * b).sum();
        }
    }
}
