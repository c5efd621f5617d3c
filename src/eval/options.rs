//! The options of an evaluation.

use crate::ratings::Feedback;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which test ratings are of items that a list should hold.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Relevance {
    /// All of them: whatever was rated.
    All,
    /// Those at or above the mean of the training ratings; all weights and pairs.
    #[default]
    Mean,
    /// Those at or above this rating.
    From(f32),
}

impl Relevance {
    /// The lowest rating that makes its item relevant, where `mean` is that of the training ratings. Weights and
    /// pairs have no mean to reach: all of them are relevant.
    pub(crate) fn lowest(self, feedback: Feedback, mean: impl FnOnce() -> f64) -> f32 {
        match (self, feedback) {
            (Self::From(value), _) => value,
            // In the precision of ratings, so that equal ratings reach their mean.
            (Self::Mean, Feedback::Ratings) => mean() as f32,
            (Self::All | Self::Mean, _) => f32::NEG_INFINITY,
        }
    }
}

/// The form of [`Relevance`] in a settings file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f32),
    Text(String),
}

impl From<Relevance> for Written {
    fn from(relevance: Relevance) -> Self {
        match relevance {
            Relevance::From(value) => Self::Number(value),
            Relevance::All | Relevance::Mean => Self::Text(relevance.to_string()),
        }
    }
}

impl TryFrom<Written> for Relevance {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        match written {
            Written::Number(value) => value.to_string().parse(),
            Written::Text(text) => text.parse(),
        }
    }
}

impl FromStr for Relevance {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "all" => Ok(Self::All),
            "mean" => Ok(Self::Mean),
            _ => match text.parse::<f32>() {
                Ok(value) if value.is_finite() => Ok(Self::From(value)),
                _ => Err(Error::Usage(format!("`{text}`: expected `all`, `mean`, or a rating"))),
            },
        }
    }
}

impl fmt::Display for Relevance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => write!(formatter, "all"),
            Self::Mean => write!(formatter, "mean"),
            Self::From(value) => write!(formatter, "{value}"),
        }
    }
}

/// With so many resamples the ends of an interval are known to a hundredth of its width; all are kept in memory.
const MOST_RESAMPLES: usize = 100_000;

/// The options of an evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluationOptions {
    /// The lengths at which lists are cut off, each at least 1; without any, no lists are made.
    pub cutoffs: Vec<usize>,
    /// Which test ratings lists should hold.
    pub relevance: Relevance,
    /// How often users are resampled for the intervals; 0 gives none.
    pub resamples: usize,
    /// The seed of the resampling; in a run, it is the seed of everything else, too.
    #[serde(skip)]
    pub seed: u64,
}

impl Default for EvaluationOptions {
    fn default() -> Self {
        Self { cutoffs: vec![10], relevance: Relevance::default(), resamples: 1000, seed: 42 }
    }
}

impl EvaluationOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// [`Error::Setting`] for a cutoff of 0, for 1 to 9 resamples, or for more than are of use.
    pub fn check(&self) -> Result<()> {
        if self.cutoffs.contains(&0) {
            let found: Vec<String> = self.cutoffs.iter().map(ToString::to_string).collect();
            return Err(Error::setting("evaluation.cutoffs", &found.join(","), "each must be at least 1"));
        }
        let resamples = self.resamples;
        if (1..10).contains(&resamples) {
            let why = "so few say nothing; take 0 for none, or some hundreds";
            return Err(Error::setting("evaluation.resamples", &resamples, why));
        }
        if resamples > MOST_RESAMPLES {
            let why = format!("it may be up to {MOST_RESAMPLES}; more move no digit of an interval");
            return Err(Error::setting("evaluation.resamples", &resamples, why));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relevance_goes_both_ways() {
        for text in ["all", "mean", "3.5", "-2"] {
            assert_eq!(text.parse::<Relevance>().unwrap().to_string(), text);
        }
        for text in ["", "some", "nan", "inf"] {
            assert_eq!(text.parse::<Relevance>().unwrap_err().exit_code(), 2);
        }
    }

    #[test]
    fn odd_choices_are_refused() {
        let options = EvaluationOptions::default();
        assert!(options.check().is_ok());
        assert!(EvaluationOptions { cutoffs: vec![5, 0], ..options.clone() }.check().is_err());
        assert!(EvaluationOptions { resamples: 3, ..options.clone() }.check().is_err());
        assert!(EvaluationOptions { resamples: 100_001, ..options.clone() }.check().is_err());
        assert!(EvaluationOptions { resamples: 0, cutoffs: vec![], ..options }.check().is_ok());
    }
}
