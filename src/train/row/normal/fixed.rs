//! The side that is fixed while the rows of the other side are solved for.

use crate::train::row::RowState;
use crate::train::row::sgd::PAD;
use pulp::Simd;

/// The number of ratings whose rows of the fixed side are gathered before they are multiplied.
pub(super) const TILE: usize = 64;

/// The fixed side as a row update reads it: rows of `stride` numbers, a multiple of [`PAD`], zero beyond
/// `factors`.
#[derive(Debug, Clone, Copy)]
pub struct FixedSide<'a> {
    /// The number of factors.
    pub factors: usize,
    /// The factors of all rows.
    pub rows: &'a [f32],
    /// The states of all rows, among them their biases.
    pub states: &'a [RowState],
    /// The implicit features of all rows, or none.
    pub implicit: &'a [f32],
}

impl<'a> FixedSide<'a> {
    pub(super) fn stride(&self) -> usize {
        self.factors.next_multiple_of(PAD)
    }

    pub(super) fn row(&self, row: u32) -> &'a [f32] {
        &self.rows[row as usize * self.stride()..][..self.stride()]
    }
}

/// The product of two vectors, beginning with their SIMD vector `first`.
#[inline(always)]
pub(super) fn dot_from<S: Simd>(simd: S, a: &[f32], b: &[f32], first: usize) -> f32 {
    let (a, b) = (S::as_simd_f32s(a).0, S::as_simd_f32s(b).0);
    let mut sum = simd.splat_f32s(0.0);
    for (&a, &b) in a[first..].iter().zip(&b[first..]) {
        sum = simd.mul_add_e_f32s(a, b, sum);
    }
    simd.reduce_sum_f32s(sum)
}
