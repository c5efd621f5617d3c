//! The stochastic-gradient row update on the CPU (docs/maths.md, "sgd"); its twin is `shaders/row_sgd.wgsl`.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use pulp::{Simd, WithSimd};

/// How many ratings of a row are taken together: their errors are all measured against the same row vector.
pub const BATCH: usize = 8;

/// How many of the first factors are trained in the first epoch; the rest join from the second on
/// (Chin, Zhuang, Juan, Lin 2015, "A learning-rate schedule for stochastic gradient methods to matrix factorization").
pub const EARLY: usize = 8;

/// On the CPU a row is padded with zeros to a multiple of this, so that it is whole vectors at any width up to 512 bits.
pub const PAD: usize = 16;

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
    /// The ratings: which row of the still side, and the value in standard units.
    pub other: &'a [u32],
    /// See `other`.
    pub value: &'a [f32],
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
        let mut state = *self.state;
        state.loss = 0.0;
        let stride = self.row.len();
        for (others, values) in self.other.chunks(BATCH).zip(self.value.chunks(BATCH)) {
            let count = others.len();
            let mut still = [&self.still[..stride]; BATCH];
            let mut error = [0f32; BATCH];
            for (n, &other) in others.iter().enumerate() {
                let other = other as usize;
                still[n] = &self.still[other * stride..][..stride];
                error[n] = values[n] + self.numbers.offset - state.bias - self.still_state[other].bias;
            }
            let mut products = [0f32; BATCH];
            for half in 0..count.div_ceil(4) {
                let four = [still[half * 4], still[half * 4 + 1], still[half * 4 + 2], still[half * 4 + 3]];
                products[half * 4..][..4].copy_from_slice(&dot_four(simd, self.row, four));
            }
            let (mut bias_gradient, cap) = (0.0, 1.0 / count as f32);
            for n in 0..count {
                error[n] -= products[n];
                state.loss += error[n] * error[n];
                bias_gradient += error[n];
            }
            let step = (self.numbers.learning_rate / state.factor_sum.sqrt()).min(cap);
            let bias_step = (self.numbers.learning_rate / state.bias_sum.sqrt()).min(cap);
            let shrink = self.regularization * count as f32;
            bias_gradient -= shrink * state.bias;
            let trained = self.numbers.trained;
            let squared = if trained < self.factors {
                partial_step(self.row, &still[..count], &error, (step, shrink), trained)
            } else {
                full_step(simd, self.row, still, error, (step, shrink))
            };
            state.bias += bias_step * bias_gradient;
            state.factor_sum += squared / self.factors as f32;
            state.bias_sum += bias_gradient * bias_gradient;
        }
        *self.state = state;
    }
}

/// The products of `row` with four rows of the still side.
#[inline(always)]
fn dot_four<S: Simd>(simd: S, row: &[f32], still: [&[f32]; 4]) -> [f32; 4] {
    let row = S::as_simd_f32s(row).0;
    let [a, b, c, d] = still.map(|other| &S::as_simd_f32s(other).0[..row.len()]);
    let mut sums = [simd.splat_f32s(0.0); 4];
    for n in 0..row.len() {
        sums[0] = simd.mul_add_e_f32s(row[n], a[n], sums[0]);
        sums[1] = simd.mul_add_e_f32s(row[n], b[n], sums[1]);
        sums[2] = simd.mul_add_e_f32s(row[n], c[n], sums[2]);
        sums[3] = simd.mul_add_e_f32s(row[n], d[n], sums[3]);
    }
    sums.map(|sum| simd.reduce_sum_f32s(sum))
}

/// Moves the whole row by `step` along the gradient of the batch; gives the gradient's squared length.
/// Places of the batch without a rating have an error of zero.
#[inline(always)]
fn full_step<S: Simd>(
    simd: S,
    row: &mut [f32],
    still: [&[f32]; BATCH],
    error: [f32; BATCH],
    (step, shrink): (f32, f32),
) -> f32 {
    let row = S::as_mut_simd_f32s(row).0;
    let still = still.map(|other| &S::as_simd_f32s(other).0[..row.len()]);
    let error = error.map(|error| simd.splat_f32s(error));
    let (step, shrink) = (simd.splat_f32s(step), simd.splat_f32s(-shrink));
    let mut squared = simd.splat_f32s(0.0);
    for n in 0..row.len() {
        let mut gradient = simd.mul_f32s(shrink, row[n]);
        let mut second = simd.mul_f32s(error[1], still[1][n]);
        for pair in 0..BATCH / 2 {
            gradient = simd.mul_add_e_f32s(error[2 * pair], still[2 * pair][n], gradient);
            if pair > 0 {
                second = simd.mul_add_e_f32s(error[2 * pair + 1], still[2 * pair + 1][n], second);
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
fn partial_step(
    row: &mut [f32],
    still: &[&[f32]],
    error: &[f32; BATCH],
    (step, shrink): (f32, f32),
    trained: usize,
) -> f32 {
    let mut squared = 0.0;
    for n in 0..row.len() {
        let pull = still.iter().zip(error).map(|(other, error)| error * other[n]).sum::<f32>();
        let gradient = pull - shrink * row[n];
        squared += gradient * gradient;
        if n < trained {
            row[n] += step * gradient;
        }
    }
    squared
}
