//! The input that all row updates of a sweep share.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::{Numbers, Stride};
use crate::train::row::RowState;

/// The fixed side and the parameters of a sweep.
pub struct SweepInput<'a, R> {
    pub(super) stride: R,
    pub(super) fixed: &'a [f32],
    pub(super) states: &'a [RowState],
    pub(super) factors: usize,
    pub(super) numbers: &'a Numbers,
}

impl<'a, R: Stride> SweepInput<'a, R> {
    /// Takes all factors and states of the fixed side, the number of factors, and the parameters of the
    /// sweep.
    ///
    /// # Panics
    /// If there are fewer states than rows.
    #[inline(always)]
    pub fn new(
        stride: R,
        (fixed, states): (&'a [f32], &'a [RowState]),
        factors: usize,
        numbers: &'a Numbers,
    ) -> Self {
        // Exactly as many states as rows, so that one bounds check covers both.
        Self { stride, fixed, states: &states[..stride.rows(fixed)], factors, numbers }
    }
}
