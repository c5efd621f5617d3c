//! The errors of a batch, and the gradient that they give.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::input::SweepInput;
use super::products::dots;
use super::{BATCH, PAD, Stride};
use crate::ratings::CellSlice;
use crate::train::row::objective::residual;
use pulp::Simd;

/// The errors of at most `N` ratings.
pub(super) struct Errors<'a, S: Simd, const N: usize> {
    /// The rows of the fixed side.
    pub(super) fixed: [&'a [S::f32s]; N],
    /// The errors, zero beyond the last rating.
    each: [f32; N],
    /// The sum of the errors, one partial sum a lane.
    pub(super) sum: S::f32s,
}

impl<'a, S: Simd, const N: usize> Errors<'a, S, N> {
    /// Computes the errors of the first `count` ratings, at most `N`, and adds their squares to `loss`. The
    /// ratings after them are read, but have no effect as long as their rows are finite.
    #[inline(always)]
    pub(super) fn of<R: Stride>(
        simd: S,
        input: &SweepInput<'a, R>,
        (row, bias): (&[f32], f32),
        (ratings, count): (CellSlice<'_>, usize),
        loss: &mut S::f32s,
    ) -> Self {
        let (others, values) = ratings.batch::<N>();
        let all = input.fixed;
        let mut fixed = [S::as_simd_f32s(&all[..0]).0; N];
        // Where vectors are wider than the batch, the rest is zero.
        let mut known = [0f32; PAD];
        for n in 0..N {
            let other = others[n] as usize;
            known[n] = values[n] - input.states[other].bias;
            fixed[n] = S::as_simd_f32s(input.stride.row(all, other)).0;
        }
        let row = &S::as_simd_f32s(row).0[..fixed[0].len()];
        let mut products = dots(simd, row, &fixed);
        let own = simd.splat_f32s(input.numbers.offset - bias);
        let mut sum = simd.splat_f32s(0.0);
        let known = S::as_simd_f32s(&known).0;
        let taken = S::as_simd_f32s(&TAKEN[count.min(N)]).0;
        let errors = S::as_mut_simd_f32s(&mut products).0;
        for n in 0..N.div_ceil(S::F32_LANES) {
            let error = residual(simd, simd.add_f32s(known[n], own), errors[n]);
            errors[n] = simd.mul_f32s(error, taken[n]);
            *loss = simd.mul_add_e_f32s(errors[n], errors[n], *loss);
            sum = simd.add_f32s(sum, errors[n]);
        }
        let mut each = [0f32; N];
        each.copy_from_slice(&products[..N]);
        Self { fixed, each, sum }
    }

    /// Moves the whole row along the gradient of the batch. Returns the squared length of the gradient.
    #[inline(always)]
    pub(super) fn move_along(&self, simd: S, row: &mut [S::f32s], step: f32, shrink: f32) -> f32 {
        let pull = self.pull(simd);
        let (step, shrink) = (simd.splat_f32s(step), simd.splat_f32s(-shrink));
        let mut squared = simd.splat_f32s(0.0);
        for (n, own) in row.iter_mut().enumerate() {
            let gradient = self.gradient(simd, &pull, n, simd.mul_f32s(shrink, *own));
            squared = simd.mul_add_e_f32s(gradient, gradient, squared);
            *own = simd.mul_add_e_f32s(step, gradient, *own);
        }
        simd.reduce_sum_f32s(squared)
    }

    /// Adds the errors' part of the gradient to `sum`.
    #[inline(always)]
    pub(super) fn add_pull(&self, simd: S, sum: &mut [S::f32s]) {
        let pull = self.pull(simd);
        for (n, sum) in sum.iter_mut().enumerate() {
            *sum = self.gradient(simd, &pull, n, *sum);
        }
    }

    /// Each error, broadcast to a vector.
    #[inline(always)]
    fn pull(&self, simd: S) -> [S::f32s; N] {
        let mut pull = [simd.splat_f32s(0.0); N];
        for (pull, error) in pull.iter_mut().zip(self.each) {
            *pull = simd.splat_f32s(error);
        }
        pull
    }

    /// The `n`-th vector of the gradient of a batch, added to `first`.
    #[inline(always)]
    fn gradient(&self, simd: S, pull: &[S::f32s; N], n: usize, first: S::f32s) -> S::f32s {
        let fixed = &self.fixed;
        // Two chains of additions, so that neither waits for the other.
        let mut gradient = simd.mul_add_e_f32s(pull[0], fixed[0][n], first);
        let mut second = simd.mul_f32s(pull[1], fixed[1][n]);
        for pair in 1..N / 2 {
            gradient = simd.mul_add_e_f32s(pull[2 * pair], fixed[2 * pair][n], gradient);
            second = simd.mul_add_e_f32s(pull[2 * pair + 1], fixed[2 * pair + 1][n], second);
        }
        simd.add_f32s(gradient, second)
    }
}

/// The masks of batches: row `count` has `count` ones and is zero beyond.
const TAKEN: [[f32; PAD]; BATCH + 1] = {
    let mut taken = [[0.0; PAD]; BATCH + 1];
    let mut count = 1;
    while count <= BATCH {
        taken[count] = taken[count - 1];
        taken[count][count - 1] = 1.0;
        count += 1;
    }
    taken
};
