//! What all row updates of a sweep read.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::{Numbers, Stride};
use crate::train::row::RowState;

/// The fixed side and the numbers of a sweep.
pub struct SweepInput<'a, R> {
    pub(super) stride: R,
    pub(super) fixed: &'a [f32],
    pub(super) states: &'a [RowState],
    pub(super) factors: usize,
    pub(super) numbers: &'a Numbers,
}

impl<'a, R: Stride> SweepInput<'a, R> {
    /// All factors and states of the fixed side, how many factors there are, and the numbers of the sweep.
    ///
    /// # Panics
    /// If there are rows without a state.
    #[inline(always)]
    pub fn new(
        stride: R,
        (fixed, states): (&'a [f32], &'a [RowState]),
        factors: usize,
        numbers: &'a Numbers,
    ) -> Self {
        // As many as rows, so that one comparison finds both.
        Self { stride, fixed, states: &states[..stride.rows(fixed)], factors, numbers }
    }
}
