//! What can be chosen among when training is set.

use serde::{Deserialize, Serialize};

/// What happens in a row, and how many numbers describe one unless something else is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// Stochastic gradient steps: the fastest.
    #[default]
    Sgd,
    /// Alternating least squares: exact in a row, few epochs, no learning rate.
    Als,
    /// Gibbs sampling of the Bayesian model: the most accurate, and sure of how sure it is.
    Bayes,
}

impl Algorithm {
    /// How many numbers describe a user, and an item.
    pub fn factors(self) -> usize {
        match self {
            Self::Sgd => 128,
            Self::Als => 64,
            Self::Bayes => 32,
        }
    }

    /// How many epochs there are at most; of `bayes`, how many draws count.
    pub fn epochs(self) -> usize {
        match self {
            Self::Sgd => 50,
            Self::Als => 30,
            Self::Bayes => 200,
        }
    }

    /// By which power of a row's activity its regularization falls (`sgd`), or grows.
    pub fn power(self) -> f32 {
        match self {
            Self::Sgd => 0.3,
            Self::Als => 0.5,
            Self::Bayes => 0.0,
        }
    }
}

/// A regularization, or the wish that it be found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Regularization {
    /// A short race over a handful of settings on the held-out slice decides.
    #[serde(with = "auto")]
    Auto,
    /// This number, in standard units, for a row of average activity.
    Fixed(f32),
}

mod auto {
    //! `"auto"` in a settings file.
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("auto")
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "auto" { Ok(()) } else { Err(D::Error::custom("expected `auto` or a number")) }
    }
}

/// What a cell of the table of who rated what weighs beside a rating (docs/maths.md, "Views").
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Views {
    /// As suits the algorithm and the ratings.
    #[default]
    #[serde(with = "auto")]
    Auto,
    /// This much; 0 is not at all.
    Weight(f32),
}

/// Where factors start, and with it what the first epochs look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// Near zero: ratings are explained by biases first. Suits sparse data.
    Centred,
    /// Positive, with the mean raised by [`Start::offset`]: the first factors learn a common direction, and a row's
    /// length says how strongly it follows it. Suits dense data.
    Offset,
}

impl Start {
    /// The interval from which factors are drawn that the first sweep replaces by exact solutions.
    pub const SOLVED: (f32, f32) = (-0.17, 0.17);

    /// The interval from which a chain's factors are drawn, of standard deviation .3: its first draws are of rows as
    /// different as this, where a solution to start from would hold the chain where it is.
    pub const CHAIN: (f32, f32) = (-0.52, 0.52);

    /// By how many standard deviations training sees the mean above zero.
    pub fn offset(self) -> f32 {
        match self {
            Self::Centred => 0.0,
            Self::Offset => 1.5,
        }
    }

    /// The interval from which the `factors` numbers of a row are drawn.
    pub fn interval(self, factors: usize) -> (f32, f32) {
        match self {
            Self::Centred => (-0.017, 0.017),
            Self::Offset => (0.0, 1.0 / (factors as f32).sqrt()),
        }
    }
}
