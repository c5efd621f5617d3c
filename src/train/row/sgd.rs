//! The stochastic-gradient row update on the CPU (docs/maths.md, "sgd"); its twins are `shaders/row_sgd_*.wgsl`.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use crate::math::LINE;
use crate::ratings::CellSlice;
use prefetch_index::prefetch_index;
use pulp::{Simd, WithSimd};

/// How many ratings of a row are taken together: their errors are all measured against the same row vector.
pub const BATCH: usize = 8;

/// A visit of this many ratings or more takes [`LONG_BATCH`] of them together.
pub const LONG: usize = 1024;

/// So that long rows do not keep a GPU waiting, whose steps are one after the other.
pub const LONG_BATCH: usize = 4 * BATCH;

/// A visit of this many ratings or more takes [`LONGEST_BATCH`] of them together.
pub const LONGEST: usize = 2 * LONG;

/// For the rows that would keep it waiting even so.
pub const LONGEST_BATCH: usize = 16 * BATCH;

/// How many ratings are taken together of a visit of so many.
pub fn batch_of(ratings: usize) -> usize {
    match ratings {
        0..LONG => BATCH,
        LONG..LONGEST => LONG_BATCH,
        _ => LONGEST_BATCH,
    }
}

/// How many of the first factors are trained in the first epoch; the rest join from the second on
/// (Chin, Zhuang, Juan, Lin 2015, "A learning-rate schedule for stochastic gradient methods to matrix factorization").
pub const EARLY: usize = 8;

/// On the CPU a row is padded with zeros to a multiple of this: it is whole lines of the cache, and whole vectors at any width
/// up to 512 bits.
pub const PAD: usize = LINE;

/// The numbers of one side's sweep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// The step before it is divided by the root of a row's gradient sum.
    pub learning_rate: f32,
    /// Regularization of a row of average activity.
    pub regularization: f32,
    /// How fast regularization falls with activity: `regularization * (mean_activity / activity)^power`.
    pub power: f32,
    /// Ratings a row on this side, on average.
    pub mean_activity: f32,
    /// What is added to every value: how far above zero training sees the mean, in standard units.
    pub offset: f32,
    /// How many of the first factors move.
    pub trained: usize,
}

impl Numbers {
    /// The regularization of a row with `activity` ratings.
    pub fn row_regularization(&self, activity: u32) -> f32 {
        self.regularization * (self.mean_activity / activity.max(1) as f32).powf(self.power)
    }
}

/// What belongs to a row beside its factors.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct RowState {
    /// The row's bias, in standard units.
    pub bias: f32,
    /// One plus the sum of mean squared gradients of the factors. Updates by normal equations have no such sum and
    /// keep the row's [`weight`](RowState::weight) here.
    pub factor_sum: f32,
    /// One plus the sum of squared gradients of the bias. Updates by normal equations keep the
    /// [`weighted_loss`](RowState::weighted_loss) here.
    pub bias_sum: f32,
    /// The sum of squared errors over the row's last visit, each measured just before the row learnt from it.
    pub loss: f32,
}

impl RowState {
    /// How much more precise the ratings of this row are than those of others; 1 where all are alike.
    pub fn weight(&self) -> f32 {
        self.factor_sum
    }

    /// The sum of squared errors, each times the weight of the other row, after an update by normal equations.
    pub fn weighted_loss(&self) -> f32 {
        self.bias_sum
    }
}

impl Default for RowState {
    fn default() -> Self {
        Self { bias: 0.0, factor_sum: 1.0, bias_sum: 1.0, loss: 0.0 }
    }
}

/// One visit to one row. All slices of factors are in rows of `stride` numbers, a multiple of [`PAD`], zero beyond `factors`.
pub struct Visit<'a> {
    /// The row's own factors, `stride` of them.
    pub row: &'a mut [f32],
    /// The row's own state.
    pub state: &'a mut RowState,
    /// All factors of the still side.
    pub still: &'a [f32],
    /// All states of the still side.
    pub still_state: &'a [RowState],
    /// The ratings, each with a row of the still side.
    pub ratings: CellSlice<'a>,
    /// The ratings that come a batch later, whose rows are fetched ahead if memory is far away; else none.
    pub ahead: CellSlice<'a>,
    /// How many factors there are.
    pub factors: usize,
    /// The row's regularization.
    pub regularization: f32,
    /// The numbers of the sweep.
    pub numbers: &'a Numbers,
}

impl WithSimd for Visit<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Loops over a constant number of vectors are unrolled, and a short row stays in registers.
        match self.row.len() {
            16 => self.learn::<S, 16>(simd),
            32 => self.learn::<S, 32>(simd),
            64 => self.learn::<S, 64>(simd),
            128 => self.learn::<S, 128>(simd),
            _ => self.learn::<S, 0>(simd),
        }
    }
}

impl Visit<'_> {
    /// The visit to a row of `STRIDE` numbers, or of any number if that is 0.
    #[inline(always)]
    fn learn<S: Simd, const STRIDE: usize>(self, simd: S) {
        match batch_of(self.ratings.len()) {
            BATCH => self.learn_by::<S, STRIDE, BATCH>(simd),
            LONG_BATCH => self.learn_by::<S, STRIDE, LONG_BATCH>(simd),
            _ => self.learn_by::<S, STRIDE, LONGEST_BATCH>(simd),
        }
    }

    /// The visit in batches of `B`.
    #[inline(always)]
    fn learn_by<S: Simd, const STRIDE: usize, const B: usize>(mut self, simd: S) {
        self.state.loss = 0.0;
        let full = self.ratings.len() / B * B;
        // Pairs are read where they lie.
        if let CellSlice::Pairs(others, values) = self.ratings {
            for (others, values) in others.as_chunks().0.iter().zip(values.as_chunks().0) {
                self.fetch(B);
                self.batch::<S, STRIDE, B>(simd, others, values, B);
            }
        } else {
            for first in (0..full).step_by(B) {
                self.fetch(B);
                let (others, values) = self.ratings.part(first..first + B).batch();
                self.batch::<S, STRIDE, B>(simd, &others, &values, B);
            }
        }
        let rest = self.ratings.part(full..self.ratings.len());
        if !rest.is_empty() {
            self.fetch(B);
            // Places without a rating repeat one, with an error of zero.
            let (others, values) = rest.batch();
            self.batch::<S, STRIDE, B>(simd, &others, &values, rest.len());
        }
    }

    /// Asks for the rows of the next `count` ratings.
    #[inline(always)]
    fn fetch(&mut self, count: usize) {
        let count = count.min(self.ahead.len());
        let stride = self.row.len();
        for place in 0..count {
            let other = self.ahead.other(place) as usize;
            for place in (other * stride..(other + 1) * stride).step_by(PAD) {
                prefetch_index(self.still, place);
            }
            prefetch_index(self.still_state, other);
        }
        self.ahead = self.ahead.part(count..self.ahead.len());
    }

    /// Learns from the first `count` ratings of a batch.
    #[inline(always)]
    fn batch<S: Simd, const STRIDE: usize, const B: usize>(
        &mut self,
        simd: S,
        others: &[u32; B],
        values: &[f32; B],
        count: usize,
    ) {
        let Self { factors, regularization, numbers, .. } = *self;
        let mut state = *self.state;
        let row = S::as_mut_simd_f32s(self.row).0;
        let width = if STRIDE == 0 { row.len() } else { STRIDE / S::F32_LANES };
        let row = &mut row[..width];
        let all = S::as_simd_f32s(self.still).0;
        let mut still = [&all[..0]; B];
        let mut error = [0f32; B];
        for n in 0..B {
            let other = others[n] as usize;
            still[n] = &all[other * width..][..width];
            error[n] = values[n] + numbers.offset - state.bias - self.still_state[other].bias;
        }
        let mut products = [0f32; B];
        for (products, still) in products.as_chunks_mut().0.iter_mut().zip(still.as_chunks().0) {
            *products = dots(simd, row, still);
        }
        let mut bias_gradient = 0.0;
        for n in 0..B {
            error[n] = if n < count { error[n] - products[n] } else { 0.0 };
            state.loss += error[n] * error[n];
            bias_gradient += error[n];
        }
        let cap = 1.0 / count as f32;
        let step = (numbers.learning_rate / state.factor_sum.sqrt()).min(cap);
        let bias_step = (numbers.learning_rate / state.bias_sum.sqrt()).min(cap);
        let shrink = regularization * count as f32;
        bias_gradient -= shrink * state.bias;
        let squared = if numbers.trained < factors {
            partial_step::<S, B>(row, still, error, (step, shrink), numbers.trained)
        } else {
            full_step(simd, row, still, error, (step, shrink))
        };
        state.bias += bias_step * bias_gradient;
        state.factor_sum += squared / factors as f32;
        state.bias_sum += bias_gradient * bias_gradient;
        *self.state = state;
    }
}

// No closures in what is hot, and no `array::map`: they are not always inlined, and then compiled for any processor.

/// The products of `row` with the rows of a batch.
#[inline(always)]
fn dots<S: Simd>(simd: S, row: &[S::f32s], still: &[&[S::f32s]; BATCH]) -> [f32; BATCH] {
    let mut sums = [simd.splat_f32s(0.0); BATCH];
    for n in 0..row.len() {
        for (sum, still) in sums.iter_mut().zip(still) {
            *sum = simd.mul_add_e_f32s(row[n], still[..row.len()][n], *sum);
        }
    }
    let mut products = [0.0; BATCH];
    for (product, sum) in products.iter_mut().zip(sums) {
        *product = simd.reduce_sum_f32s(sum);
    }
    products
}

/// Moves the whole row by `step` along the gradient of the batch; gives the gradient's squared length.
#[inline(always)]
fn full_step<S: Simd, const B: usize>(
    simd: S,
    row: &mut [S::f32s],
    still: [&[S::f32s]; B],
    error: [f32; B],
    (step, shrink): (f32, f32),
) -> f32 {
    let mut pull = [simd.splat_f32s(0.0); B];
    for (pull, error) in pull.iter_mut().zip(error) {
        *pull = simd.splat_f32s(error);
    }
    let (step, shrink) = (simd.splat_f32s(step), simd.splat_f32s(-shrink));
    let mut squared = simd.splat_f32s(0.0);
    for n in 0..row.len() {
        // Two chains of sums, so that one need not wait for the other.
        let mut gradient = simd.mul_f32s(shrink, row[n]);
        let mut second = simd.mul_f32s(pull[1], still[1][n]);
        for pair in 0..B / 2 {
            gradient = simd.mul_add_e_f32s(pull[2 * pair], still[2 * pair][n], gradient);
            if pair > 0 {
                second = simd.mul_add_e_f32s(pull[2 * pair + 1], still[2 * pair + 1][n], second);
            }
        }
        gradient = simd.add_f32s(gradient, second);
        squared = simd.mul_add_e_f32s(gradient, gradient, squared);
        row[n] = simd.mul_add_e_f32s(step, gradient, row[n]);
    }
    simd.reduce_sum_f32s(squared)
}

/// As [`full_step`], but only the first `trained` factors move. Used in the first epoch only, so kept plain.
#[inline(always)]
fn partial_step<S: Simd, const B: usize>(
    row: &mut [S::f32s],
    still: [&[S::f32s]; B],
    error: [f32; B],
    (step, shrink): (f32, f32),
    trained: usize,
) -> f32 {
    let row: &mut [f32] = bytemuck::cast_slice_mut(row);
    let mut squared = 0.0;
    for (n, own) in row.iter_mut().enumerate() {
        let pull = |(still, error): (&[S::f32s], f32)| error * bytemuck::cast_slice::<_, f32>(still)[n];
        let gradient = still.into_iter().zip(error).map(pull).sum::<f32>() - shrink * *own;
        squared += gradient * gradient;
        if n < trained {
            *own += step * gradient;
        }
    }
    squared
}
