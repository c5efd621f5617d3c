//! The result of a comparison of models on the same test ratings, for people and programs.

use super::evaluation::{Estimate, Metric};
use serde::{Deserialize, Serialize};

/// Models side by side on the same test ratings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The names of the models, in the order of all numbers below.
    pub names: Vec<String>,
    /// The number of test ratings.
    pub ratings: u64,
    /// The number of users who gave them.
    pub users: u64,
    /// Test ratings that are left out, since one of the models was trained on their pair.
    pub left_out: u64,
    /// What counts as relevant: `all`, `mean` (of the training ratings of the first model), or a rating.
    pub relevance: String,
    /// The least relevant rating; none if all are, and without lists.
    pub relevant_from: Option<f64>,
    /// Relevant test ratings.
    pub relevant: u64,
    /// The users who gave them; metrics of lists are averages over these.
    pub list_users: u64,
    /// How often users were resampled for the 95 % intervals.
    pub resamples: usize,
    /// The seed of the resampling.
    pub seed: u64,
    /// The metrics: errors first, then those of lists, for each cutoff.
    pub metrics: Vec<Compared>,
}

/// A metric of all models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The metric.
    pub metric: Measure,
    /// The length at which lists are cut off; none for errors.
    pub cutoff: Option<usize>,
    /// Its value for each model; none where a model predicts no ratings.
    pub models: Vec<Option<Estimate>>,
    /// The difference of each model to the first one that has a value; none for that one, and where there is
    /// no value.
    pub differences: Vec<Option<Difference>>,
    /// The same metric of baselines of the first model's training ratings.
    pub baselines: Vec<Baseline>,
}

/// The difference of a metric between two models.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The value less that of the model it is compared with.
    pub value: f64,
    /// The ends of its 95 % bootstrap interval, by pairs: the same users in each resample of both.
    pub interval: Option<[f64; 2]>,
    /// What the interval says; none without one.
    pub verdict: Option<Verdict>,
}

/// What the interval of a difference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The model is better.
    Better,
    /// It is worse.
    Worse,
    /// Zero is in the interval: the test cannot tell.
    Same,
}

/// A metric of a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The baseline.
    pub of: BaselineKind,
    /// Its value.
    #[serde(flatten)]
    pub estimate: Estimate,
}

/// A baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineKind {
    /// Regularised biases of users and items.
    Biases,
    /// The mean of the training ratings.
    Mean,
    /// The items with the most training ratings.
    MostRated,
}

impl BaselineKind {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Biases => "user and item biases",
            Self::Mean => "mean",
            Self::MostRated => "most rated items",
        }
    }
}

/// A metric of ratings or of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Measure {
    /// An error of predicted ratings.
    Error(ErrorMetric),
    /// A metric of lists.
    List(Metric),
}

/// An error of predicted ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorMetric {
    /// Root mean square error.
    Rmse,
    /// Mean absolute error.
    Mae,
}

impl Measure {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error(ErrorMetric::Rmse) => "RMSE",
            Self::Error(ErrorMetric::Mae) => "MAE",
            Self::List(metric) => metric.name(),
        }
    }

    /// What a difference with this interval says.
    pub(super) fn verdict(self, [low, high]: [f64; 2]) -> Verdict {
        let (low, high) = if matches!(self, Self::Error(_)) { (-high, -low) } else { (low, high) };
        match (low > 0.0, high < 0.0) {
            (true, _) => Verdict::Better,
            (_, true) => Verdict::Worse,
            _ => Verdict::Same,
        }
    }
}

impl Compared {
    /// The name in tables, with the cutoff if there is one.
    pub fn name(&self) -> String {
        let name = self.metric.name();
        self.cutoff.map_or_else(|| name.to_owned(), |cutoff| format!("{name}@{cutoff}"))
    }

    /// The model that the others are compared with.
    pub fn first(&self) -> Option<usize> {
        self.models.iter().position(Option::is_some)
    }
}

impl Comparison {
    /// The metrics that stand for all of them: the RMSE, and NDCG at the first cutoff.
    pub fn main(&self) -> impl Iterator<Item = &Compared> {
        let find = |metric: Measure| self.metrics.iter().find(move |found| found.metric == metric);
        [Measure::Error(ErrorMetric::Rmse), Measure::List(Metric::Ndcg)].into_iter().filter_map(find)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_errors_and_larger_metrics_are_better() {
        let (rmse, ndcg) = (Measure::Error(ErrorMetric::Rmse), Measure::List(Metric::Ndcg));
        assert_eq!((rmse.verdict([0.1, 0.2]), ndcg.verdict([0.1, 0.2])), (Verdict::Worse, Verdict::Better));
        assert_eq!(
            (rmse.verdict([-0.2, -0.1]), ndcg.verdict([-0.2, -0.1])),
            (Verdict::Better, Verdict::Worse)
        );
        for zero in [[-0.1, 0.1], [0.0, 0.1], [-0.1, 0.0], [0.0, 0.0]] {
            assert_eq!((rmse.verdict(zero), ndcg.verdict(zero)), (Verdict::Same, Verdict::Same));
        }
        let names = [rmse, ndcg].map(|metric| serde_json::to_string(&metric).unwrap());
        assert_eq!(names, ["\"rmse\"", "\"ndcg\""]);
        assert_eq!(serde_json::from_str::<Measure>("\"ndcg\"").unwrap(), ndcg);
    }
}
