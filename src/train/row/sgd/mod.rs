//! The stochastic-gradient row update on the CPU (docs/maths.md, "sgd"); its twins are `shaders/row_sgd_*.wgsl`.

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
    /// By how much regularization is stronger for a row with `activity` ratings than for one of average activity.
    pub fn share(&self, activity: u32) -> f32 {
        (self.mean_activity / activity.max(1) as f32).powf(self.power)
    }
}

/// What stochastic gradient steps remember of a row.
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

    /// Adds a mean squared gradient of the factors, and the squared gradient of the bias.
    #[inline]
    pub(super) fn remember(&mut self, factors: f32, bias: f32) {
        self.memory[0] += factors;
        self.memory[1] += bias;
    }
}
