//! The criteria that training can decide by.

use serde::{Deserialize, Serialize};

/// Which direction of a score is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Lower is better.
    Lowest,
    /// Higher is better.
    Highest,
}

/// A measure by which training chooses the best epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// The root mean squared error of predicted ratings, in rating units.
    Rmse,
}

impl Criterion {
    /// Every criterion.
    pub const ALL: [Self; 1] = [Self::Rmse];

    /// The name, as used in the keys of files: `held_out_rmse`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rmse => "rmse",
        }
    }

    /// Which direction is better.
    pub fn direction(self) -> Direction {
        match self {
            Self::Rmse => Direction::Lowest,
        }
    }

    /// The score of a state that has not been measured. No score is worse.
    pub fn worst(self) -> f64 {
        match self.direction() {
            Direction::Lowest => f64::INFINITY,
            Direction::Highest => f64::NEG_INFINITY,
        }
    }
}
