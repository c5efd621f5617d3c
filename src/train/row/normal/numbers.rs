//! The numbers of a sweep by normal equations, and what it remembers of a row.

use crate::math::Matrix;
use crate::math::philox::philox;
use crate::train::row::RowState;

/// The numbers of one side's sweep. A row's unknowns are its `k` factors and, last, its bias: `k + 1` of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// What a rating weighs: one over the variance of its noise, in standard units.
    pub precision: f32,
    /// What a row is drawn to, times `activity^power`.
    pub prior: Quadratic,
    /// See `prior`.
    pub power: f32,
    /// What a row is drawn to whatever its activity.
    pub shared: Quadratic,
    /// What the view vectors of the rated rows weigh; 0 leaves views out.
    pub view_weight: f32,
    /// Draw the row in place of taking the most likely one.
    pub noise: Option<Noise>,
    /// Whether the squared errors of the new row are summed up in [`RowState::loss`] and its weighted twin.
    pub measure: bool,
}

/// `x' matrix x - 2 pull' x`: a Gaussian belief of precision `matrix` about a row, whose mean is `matrix^-1 pull`.
#[derive(Debug, Clone, PartialEq)]
pub struct Quadratic {
    /// `(k + 1) x (k + 1)`, symmetric.
    pub matrix: Matrix,
    /// `k + 1` numbers.
    pub pull: Vec<f32>,
}

/// Where the noise of a draw comes from: number `n` of a row is word `n` of the Philox block of its counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    /// The key of seed and purpose.
    pub key: [u32; 2],
    /// Which draw it is.
    pub draw: u32,
    /// 0 for users, 1 for items.
    pub side: u32,
}

impl Quadratic {
    /// No belief at all.
    pub fn none(factors: usize) -> Self {
        Self { matrix: Matrix::zeros(factors + 1, factors + 1), pull: vec![0.0; factors + 1] }
    }
}

impl Numbers {
    /// How often `prior` counts for a row with `activity` ratings.
    pub fn prior_scale(&self, activity: u32) -> f32 {
        (activity.max(1) as f32).powf(self.power)
    }
}

impl Noise {
    /// The four words of block `block` of a row.
    pub fn words(&self, row: u32, block: u32) -> [u32; 4] {
        philox([row, block, self.side, self.draw], self.key)
    }
}

/// What updates by normal equations remember of a row.
impl RowState {
    /// How much more precise the ratings of this row are than those of others; 1 where all are alike.
    #[inline]
    pub fn weight(&self) -> f32 {
        self.memory[0]
    }

    /// Sets the [`weight`](Self::weight).
    pub fn set_weight(&mut self, weight: f32) {
        self.memory[0] = weight;
    }

    /// The sum of squared errors, each times the weight of the other row.
    pub fn weighted_loss(&self) -> f32 {
        self.memory[1]
    }

    /// Sets the losses of a visit.
    pub(in crate::train) fn set_losses(&mut self, [loss, weighted_loss]: [f32; 2]) {
        (self.loss, self.memory[1]) = (loss, weighted_loss);
    }
}
