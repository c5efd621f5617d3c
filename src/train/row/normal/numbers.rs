//! The parameters of a sweep by normal equations, and the state that it keeps for each row.

use super::solver::Forms;
use crate::math::philox::philox;
use crate::math::{Matrix, normal};
use crate::train::row::{RowState, Target};

/// The parameters of one side's sweep. The `k + 1` unknowns of a row are its `k` factors and, last, its bias.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// What a rating is evidence of.
    pub target: Target,
    /// The precision of a rating of weight 1: one over the variance of its noise, in standard units.
    pub precision: f32,
    /// The prior of a row. It is multiplied by `activity^power`.
    pub prior: Quadratic,
    /// The exponent of the activity; see `prior`.
    pub power: f32,
    /// The part of the prior that does not depend on the activity.
    pub shared: Quadratic,
    /// The weight of the implicit features of the rated rows; 0 leaves implicit features out.
    pub implicit_weight: f32,
    /// The noise of a draw; `None` takes the most likely row instead.
    pub noise: Option<Noise>,
    /// The forms in which rows are solved. A draw is around an exact solution, so its rows cannot take steps.
    pub forms: Forms,
    /// The number of steps of conjugate gradients from the row as it is, where a row takes steps. They take
    /// the prior as diagonal, and the shared matrix as one of factors alone.
    pub steps: usize,
    /// Whether the squared errors of the new row are stored: their sum in [`RowState::loss`], and their
    /// weighted sum in [`RowState::weighted_loss`].
    pub measure: bool,
}

/// The function `x' matrix x - 2 pull' x`: a Gaussian prior of a row with precision `matrix` and mean
/// `matrix^-1 pull`.
#[derive(Debug, Clone, PartialEq)]
pub struct Quadratic {
    /// `(k + 1) x (k + 1)`, symmetric.
    pub matrix: Matrix,
    /// A vector of `k + 1` numbers.
    pub pull: Vec<f32>,
}

/// The source of the noise of a draw: number `n` of a row is word `n` of the Philox block of its counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    /// The key, from the seed and the purpose.
    pub key: [u32; 2],
    /// The number of the draw.
    pub draw: u32,
    /// 0 for users, 1 for items.
    pub side: u32,
}

impl Quadratic {
    /// No prior.
    pub fn none(factors: usize) -> Self {
        Self { matrix: Matrix::zeros(factors + 1, factors + 1), pull: vec![0.0; factors + 1] }
    }
}

impl Numbers {
    /// The factor that `prior` is multiplied by for a row with `activity` ratings.
    pub fn prior_scale(&self, activity: u32) -> f32 {
        (activity.max(1) as f32).powf(self.power)
    }
}

impl Noise {
    /// A number of a row's noise.
    pub fn number(&self, row: u32, n: usize) -> f32 {
        normal(self.words(row, n as u32 / 4)[n % 4])
    }

    /// The first numbers of a row's noise.
    pub fn fill(&self, row: u32, numbers: &mut [f32]) {
        for (block, numbers) in (0..).zip(numbers.chunks_mut(4)) {
            let words = self.words(row, block);
            numbers.iter_mut().zip(words).for_each(|(number, word)| *number = normal(word));
        }
    }

    /// The four words of block `block` of a row.
    pub fn words(&self, row: u32, block: u32) -> [u32; 4] {
        philox([row, block, self.side, self.draw], self.key)
    }
}

/// The meaning of a row's memory in updates by normal equations.
impl RowState {
    /// The precision of this row's ratings relative to those of other rows; 1 if all are equal.
    #[inline]
    pub fn weight(&self) -> f32 {
        self.memory[0]
    }

    /// Sets the [`weight`](Self::weight).
    pub fn set_weight(&mut self, weight: f32) {
        self.memory[0] = weight;
    }

    /// The sum of squared errors, each times the weight of the fixed row.
    pub fn weighted_loss(&self) -> f32 {
        self.memory[1]
    }

    /// Stores the losses of a visit.
    pub(in crate::train) fn set_losses(&mut self, [loss, weighted_loss]: [f32; 2]) {
        (self.loss, self.memory[1]) = (loss, weighted_loss);
    }
}
