//! Which criteria there are.

use serde::{Deserialize, Serialize};

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Less is better.
    Lowest,
    /// More is better.
    Highest,
}

/// What the best epoch is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// The root mean squared error of predicted ratings, in rating units.
    Rmse,
}

impl Criterion {
    /// Every criterion.
    pub const ALL: [Self; 1] = [Self::Rmse];

    /// The name, as it stands in the keys of files: `held_out_rmse`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rmse => "rmse",
        }
    }

    /// Which way is better.
    pub fn direction(self) -> Direction {
        match self {
            Self::Rmse => Direction::Lowest,
        }
    }

    /// The score of what has not been measured: no other is worse.
    pub fn worst(self) -> f64 {
        match self.direction() {
            Direction::Lowest => f64::INFINITY,
            Direction::Highest => f64::NEG_INFINITY,
        }
    }
}
