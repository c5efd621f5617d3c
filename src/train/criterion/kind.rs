//! The criteria that training can decide by.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which direction of a score is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Lower is better.
    Lowest,
    /// Higher is better.
    Highest,
}

/// A measure by which training chooses the best epoch. Its text is `rmse`, or a metric of lists with the length
/// of a list, such as `ndcg@10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Criterion {
    /// The root mean squared error of predicted ratings, in rating units.
    Rmse,
    /// A metric of lists of this length.
    Lists(ListMetric, usize),
}

/// A metric of lists (docs/metrics.md, "Rankings").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListMetric {
    /// Precision.
    Precision,
    /// Recall.
    Recall,
    /// Normalised discounted cumulative gain.
    Ndcg,
    /// Mean average precision.
    Map,
    /// Mean reciprocal rank.
    Mrr,
    /// The share of lists with a relevant item.
    HitRate,
}

impl ListMetric {
    /// Every metric.
    pub const ALL: [Self; 6] =
        [Self::Precision, Self::Recall, Self::Ndcg, Self::Map, Self::Mrr, Self::HitRate];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::Ndcg => "ndcg",
            Self::Map => "map",
            Self::Mrr => "mrr",
            Self::HitRate => "hit_rate",
        }
    }
}

/// The longest list that a criterion may measure.
const LONGEST: usize = 1000;

impl Criterion {
    /// Which direction is better.
    pub fn direction(self) -> Direction {
        match self {
            Self::Rmse => Direction::Lowest,
            Self::Lists(..) => Direction::Highest,
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

/// The name, as used in the keys of files: `held_out_rmse`.
impl fmt::Display for Criterion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rmse => formatter.write_str("rmse"),
            Self::Lists(metric, length) => write!(formatter, "{}@{length}", metric.name()),
        }
    }
}

impl FromStr for Criterion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lists = || {
            let (name, length) = text.split_once('@')?;
            let metric = ListMetric::ALL.into_iter().find(|metric| metric.name() == name)?;
            let length = length.parse().ok().filter(|length| (1..=LONGEST).contains(length))?;
            Some(Self::Lists(metric, length))
        };
        if text == "rmse" {
            return Ok(Self::Rmse);
        }
        let names = ListMetric::ALL.map(|metric| format!("{}@N", metric.name())).join(", ");
        lists().ok_or_else(|| format!("expected rmse, or one of {names} with N from 1 to {LONGEST}"))
    }
}

impl From<Criterion> for String {
    fn from(criterion: Criterion) -> Self {
        criterion.to_string()
    }
}

impl TryFrom<String> for Criterion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        let all = ListMetric::ALL.map(|metric| Criterion::Lists(metric, 20));
        for criterion in all.into_iter().chain([Criterion::Rmse]) {
            assert_eq!(criterion.to_string().parse(), Ok(criterion));
            let text = serde_json::to_string(&criterion).unwrap();
            assert_eq!(serde_json::from_str::<Criterion>(&text).unwrap(), criterion, "{text}");
        }
        assert_eq!(Criterion::Lists(ListMetric::Ndcg, 10).to_string(), "ndcg@10");
        for wrong in ["", "ndcg", "ndcg@", "ndcg@0", "ndcg@1001", "rmse@10", "auc@10", "NDCG@10"] {
            assert!(wrong.parse::<Criterion>().unwrap_err().contains("ndcg@N"), "{wrong}");
        }
    }
}
