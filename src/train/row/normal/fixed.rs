//! The side that is fixed while rows of the other one are solved for.

use crate::train::row::RowState;
use crate::train::row::sgd::PAD;
use pulp::Simd;

/// Ratings whose rows of the fixed side are laid side by side before they are multiplied.
pub(super) const TILE: usize = 64;

/// The fixed side as a row update sees it, in rows of `stride` numbers, a multiple of [`PAD`], zero beyond `factors`.
#[derive(Debug, Clone, Copy)]
pub struct FixedSide<'a> {
    /// How many factors there are.
    pub factors: usize,
    /// All factors.
    pub rows: &'a [f32],
    /// All biases and more.
    pub states: &'a [RowState],
    /// All view vectors, or none.
    pub views: &'a [f32],
}

impl<'a> FixedSide<'a> {
    pub(super) fn stride(&self) -> usize {
        self.factors.next_multiple_of(PAD)
    }

    pub(super) fn row(&self, row: u32) -> &'a [f32] {
        &self.rows[row as usize * self.stride()..][..self.stride()]
    }
}

/// The product of two vectors from SIMD vector `first` on.
#[inline(always)]
pub(super) fn dot_from<S: Simd>(simd: S, a: &[f32], b: &[f32], first: usize) -> f32 {
    let (a, b) = (S::as_simd_f32s(a).0, S::as_simd_f32s(b).0);
    let sum = a[first..]
        .iter()
        .zip(&b[first..])
        .fold(simd.splat_f32s(0.0), |sum, (&a, &b)| simd.mul_add_e_f32s(a, b, sum));
    simd.reduce_sum_f32s(sum)
}
