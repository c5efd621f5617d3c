//! A visit to a row, which updates it with its ratings batch by batch.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::errors::Errors;
use super::input::SweepInput;
use super::{BATCH, Numbers, RowState, Stride, batch_of};
use crate::ratings::CellSlice;
use pulp::Simd;

/// A last batch of at most this many ratings takes half the work.
const HALF: usize = BATCH / 2;

/// A row that is being updated.
pub struct RowUpdate<'a> {
    row: &'a mut [f32],
    state: &'a mut RowState,
    regularization: f32,
}

/// The step sizes of a row.
struct Step {
    /// The step along the gradient of the factors.
    factors: f32,
    /// The step along the gradient of the bias.
    bias: f32,
    /// The regularization, for all ratings of the batch.
    shrink: f32,
}

// No closures and no `array::map` around vector code: they are not always inlined, and are then compiled for
// a generic processor.

impl<'a> RowUpdate<'a> {
    /// A row of `all`, with its state and regularization.
    #[inline(always)]
    pub fn of<R: Stride>(
        stride: R,
        (all, states): (&'a mut [f32], &'a mut [RowState]),
        (row, regularization): (usize, f32),
    ) -> Self {
        Self { row: stride.row_mut(all, row), state: &mut states[row], regularization }
    }

    /// Updates the row with the first `count` ratings. The ratings after them are read, but have no effect.
    /// `gradient` is a buffer that grows when it is needed; `ahead` receives the position of each batch
    /// before the batch is used.
    #[inline(always)]
    pub fn visit<S: Simd, R: Stride>(
        &mut self,
        simd: S,
        input: &SweepInput<'_, R>,
        (ratings, count): (CellSlice<'_>, usize),
        gradient: &mut Vec<f32>,
        ahead: impl FnMut(usize),
    ) {
        let mut loss = simd.splat_f32s(0.0);
        if batch_of(count) == BATCH && input.numbers.trained >= input.factors {
            self.walk(simd, input, (ratings, count), &mut loss, ahead);
        } else {
            gradient.resize(input.stride.width(), 0.0);
            self.gather(simd, input, ratings.part(0..count), gradient, &mut loss, ahead);
        }
        self.state.loss = simd.reduce_sum_f32s(loss);
    }

    /// Updates the row by batches of [`BATCH`].
    #[inline(always)]
    fn walk<S: Simd, R: Stride>(
        &mut self,
        simd: S,
        input: &SweepInput<'_, R>,
        (ratings, count): (CellSlice<'_>, usize),
        loss: &mut S::f32s,
        mut ahead: impl FnMut(usize),
    ) {
        let mut first = 0;
        while first + HALF < count {
            ahead(first);
            let batch = (ratings.part(first..ratings.len()), BATCH.min(count - first));
            self.take::<S, R, BATCH>(simd, input, batch, loss);
            first += BATCH;
        }
        if first < count {
            ahead(first);
            let batch = (ratings.part(first..ratings.len()), count - first);
            self.take::<S, R, HALF>(simd, input, batch, loss);
        }
    }

    /// Updates the row with the first `count` ratings, at most `N`, as one batch.
    #[inline(always)]
    fn take<S: Simd, R: Stride, const N: usize>(
        &mut self,
        simd: S,
        input: &SweepInput<'_, R>,
        (ratings, count): (CellSlice<'_>, usize),
        loss: &mut S::f32s,
    ) {
        let errors = Errors::<S, N>::of(simd, input, (self.row, self.state.bias), (ratings, count), loss);
        let step = self.step(input.numbers, count);
        let row = &mut S::as_mut_simd_f32s(self.row).0[..errors.fixed[0].len()];
        let squared = errors.move_along(simd, row, step.factors, step.shrink);
        self.finish(input.factors, simd.reduce_sum_f32s(errors.sum), squared, &step);
    }

    /// Updates the row by batches of any size, whose errors are measured [`BATCH`] at a time; or updates the
    /// leading factors only.
    #[inline(always)]
    fn gather<S: Simd, R: Stride>(
        &mut self,
        simd: S,
        input: &SweepInput<'_, R>,
        ratings: CellSlice<'_>,
        gradient: &mut [f32],
        loss: &mut S::f32s,
        mut ahead: impl FnMut(usize),
    ) {
        let size = batch_of(ratings.len());
        for first in (0..ratings.len()).step_by(size) {
            let count = size.min(ratings.len() - first);
            let mut sum = simd.splat_f32s(0.0);
            gradient.fill(0.0);
            for start in (first..first + count).step_by(BATCH) {
                ahead(start);
                let part = ratings.part(start..(start + BATCH).min(first + count));
                let batch = (part, part.len());
                let errors = Errors::<S, BATCH>::of(simd, input, (self.row, self.state.bias), batch, loss);
                let gradient = &mut S::as_mut_simd_f32s(gradient).0[..errors.fixed[0].len()];
                errors.add_pull(simd, gradient);
                sum = simd.add_f32s(sum, errors.sum);
            }
            let step = self.step(input.numbers, count);
            let shrink = simd.splat_f32s(-step.shrink);
            let mut squared = simd.splat_f32s(0.0);
            let row = S::as_simd_f32s(self.row).0;
            for (gradient, own) in S::as_mut_simd_f32s(gradient).0.iter_mut().zip(row) {
                *gradient = simd.mul_add_e_f32s(shrink, *own, *gradient);
                squared = simd.mul_add_e_f32s(*gradient, *gradient, squared);
            }
            for (own, gradient) in self.row.iter_mut().zip(&*gradient).take(input.numbers.trained) {
                *own += step.factors * gradient;
            }
            self.finish(input.factors, simd.reduce_sum_f32s(sum), simd.reduce_sum_f32s(squared), &step);
        }
    }

    /// The step sizes after a batch of `count` ratings.
    #[inline(always)]
    fn step(&self, numbers: &Numbers, count: usize) -> Step {
        // Via 32 bits, which processors convert in one instruction.
        let count = count as u32 as f32;
        let cap = 1.0 / count;
        Step {
            factors: (numbers.learning_rate / self.state.factor_sum().sqrt()).min(cap),
            bias: (numbers.learning_rate / self.state.bias_sum().sqrt()).min(cap),
            shrink: self.regularization * count,
        }
    }

    /// Moves the bias and adds the gradients to the row's sums. `errors` is the sum of errors, `squared` the
    /// squared length of the factors' gradient.
    #[inline(always)]
    fn finish(&mut self, factors: usize, errors: f32, squared: f32, step: &Step) {
        let gradient = errors - step.shrink * self.state.bias;
        self.state.bias += step.bias * gradient;
        self.state.remember(squared / factors as u32 as f32, gradient * gradient);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Lines;
    use crate::ratings::Cells;
    use crate::train::row::sgd::{Any, Fixed, LONG, LONGEST, PAD};
    use pulp::{Scalar, Scalar128b, Scalar256b, Scalar512b};

    /// The number of rows of the fixed side.
    const STILL: usize = 40;

    /// A row and its state after a visit to the first `count` ratings.
    fn visited<S: Simd, R: Stride>(
        simd: S,
        stride: R,
        ratings: CellSlice,
        (count, factors, trained): (usize, usize, usize),
    ) -> (Vec<f32>, RowState) {
        let width = stride.width();
        let number = |row: usize, n: usize| ((row * 31 + n * 17) % 29) as f32 / 29.0 - 0.5;
        let mut fixed = Lines::zeros(STILL * width);
        for (row, numbers) in fixed.chunks_exact_mut(width).enumerate() {
            numbers[..factors].iter_mut().enumerate().for_each(|(n, own)| *own = number(row, n));
        }
        let states: Vec<_> =
            (0..STILL).map(|row| RowState { bias: number(row, 5), ..RowState::default() }).collect();
        let numbers = Numbers {
            learning_rate: 0.1,
            regularization: 0.02,
            power: 0.5,
            mean_activity: 7.0,
            offset: 0.25,
            trained,
        };
        // Only the second of two rows is updated.
        let mut own = Lines::zeros(2 * width);
        own[width..][..factors].iter_mut().enumerate().for_each(|(n, own)| *own = number(77, n));
        let mut own_states = [RowState { bias: 0.3, ..RowState::default() }; 2];
        let input = SweepInput::new(stride, (&fixed, &states), factors, &numbers);
        let mut ahead = 0;
        RowUpdate::of(stride, (&mut own, &mut own_states), (1, 0.02)).visit(
            simd,
            &input,
            (ratings, count),
            &mut Vec::new(),
            |first| {
                assert_eq!(first, ahead);
                ahead += BATCH;
            },
        );
        assert!(own[..width].iter().chain(&own[width + factors..]).all(|&number| number == 0.0));
        assert!(ahead >= count && own_states[0] == RowState { bias: 0.3, ..RowState::default() });
        (own[width..][..factors].to_vec(), own_states[1])
    }

    #[test]
    fn vectors_of_any_width_and_rows_of_any_stride_learn_alike() {
        let cells = Cells::pairs((0..LONGEST + 40).map(|n| ((n * 7 % STILL) as u32, (n % 5) as f32 - 2.0)));
        let all = cells.all();
        for (factors, trained) in [(60_usize, 60), (60, 8), (16, 16)] {
            for count in (1..=20).chain([LONG - 1, LONG, LONG + 5, LONGEST, LONGEST + 7]) {
                let visit = (count, factors, trained);
                let width = factors.next_multiple_of(PAD);
                let eight = visited(Scalar256b, Any(width), all, visit);
                let near = |(row, state): (Vec<f32>, RowState)| {
                    let close = |a: f32, b: f32| (a - b).abs() <= 2e-5 * (1.0 + b.abs());
                    assert!(row.iter().zip(&eight.0).all(|(&a, &b)| close(a, b)), "{visit:?}");
                    for (own, other) in [
                        (state.bias, eight.1.bias),
                        (state.factor_sum(), eight.1.factor_sum()),
                        (state.bias_sum(), eight.1.bias_sum()),
                        (state.loss / count as f32, eight.1.loss / count as f32),
                    ] {
                        assert!(close(own, other), "{visit:?}: {own} and {other}");
                    }
                };
                near(visited(Scalar, Any(width), all, visit));
                near(visited(Scalar128b, Any(width), all, visit));
                near(visited(Scalar512b, Any(width), all, visit));
                assert_eq!(visited(Scalar256b, Any(2 * width), all, visit), eight);
                let fixed = match width {
                    16 => visited(Scalar256b, Fixed::<16>, all, visit),
                    _ => visited(Scalar256b, Fixed::<64>, all, visit),
                };
                assert_eq!(fixed, eight);
                // The ratings may be followed by those of other rows, or by nothing.
                assert_eq!(visited(Scalar256b, Any(width), all.part(0..count), visit), eight);
            }
        }
    }
}
