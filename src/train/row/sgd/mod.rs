//! The stochastic gradient row update on the CPU (docs/maths.md, "sgd"). Its twins are
//! `shaders/row_sgd_*.wgsl`.

mod errors;
mod input;
mod products;
mod stride;
mod visit;

pub use input::SweepInput;
pub use stride::{Any, Fixed, Stride};
pub use visit::RowUpdate;

use super::state::RowState;
use crate::math::LINE;

/// The number of a row's ratings in a batch: their errors are all measured against the same row vector.
pub const BATCH: usize = 8;

/// Visits of this many ratings or more use batches of [`LONG_BATCH`].
pub const LONG: usize = 1024;

/// The batch of long rows. Larger batches mean fewer sequential steps, so that long rows do not keep a GPU
/// waiting.
pub const LONG_BATCH: usize = 4 * BATCH;

/// Visits of this many ratings or more use batches of [`LONGEST_BATCH`].
pub const LONGEST: usize = 2 * LONG;

/// The batch of the longest rows, which would keep a GPU waiting even with [`LONG_BATCH`].
pub const LONGEST_BATCH: usize = 16 * BATCH;

/// The batch size for a visit of `ratings` ratings.
pub fn batch_of(ratings: usize) -> usize {
    match ratings {
        0..LONG => BATCH,
        LONG..LONGEST => LONG_BATCH,
        _ => LONGEST_BATCH,
    }
}

/// The number of leading factors that are trained in the first epoch; the others join in the second (Chin,
/// Zhuang, Juan, Lin 2015, "A learning-rate schedule for stochastic gradient methods to matrix
/// factorization").
pub const EARLY: usize = 8;

/// On the CPU a row is padded with zeros to a multiple of this number. It is then whole cache lines, and
/// whole vectors at any width up to 512 bits.
pub const PAD: usize = LINE;

/// The parameters of one side's sweep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// The step, before it is divided by the root of a row's gradient sum.
    pub learning_rate: f32,
    /// The regularization of a row of average activity.
    pub regularization: f32,
    /// The exponent of the activity: a row's regularization is `regularization * (mean_activity /
    /// activity)^power`.
    pub power: f32,
    /// The mean number of ratings of a row of this side.
    pub mean_activity: f32,
    /// The offset that is added to every value: how far above zero training places the mean, in standard
    /// units.
    pub offset: f32,
    /// The number of leading factors that move.
    pub trained: usize,
}

impl Numbers {
    /// The ratio of the regularization of a row with `activity` ratings to that of a row of average activity.
    pub fn share(&self, activity: u32) -> f32 {
        (self.mean_activity / activity.max(1) as f32).powf(self.power)
    }
}

/// The meaning of a row's memory in stochastic gradient steps.
impl RowState {
    /// One plus the sum of mean squared gradients of the factors.
    #[inline]
    pub fn factor_sum(&self) -> f32 {
        self.memory[0]
    }

    /// One plus the sum of squared gradients of the bias.
    #[inline]
    pub fn bias_sum(&self) -> f32 {
        self.memory[1]
    }

    /// Adds the mean squared gradient of the factors and the squared gradient of the bias to the sums.
    #[inline]
    pub(super) fn remember(&mut self, factors: f32, bias: f32) {
        self.memory[0] += factors;
        self.memory[1] += bias;
    }
}
