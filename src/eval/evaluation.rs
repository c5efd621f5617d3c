//! The result of an evaluation, for people and programs.

use super::rmse::Accuracy;
use serde::{Deserialize, Serialize};

/// The quality of a model on test ratings, compared with baselines that need no model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The errors of predicted ratings; none if the model is of lists.
    pub rating: Option<Rating>,
    /// The quality of lists, if some were asked for.
    pub ranking: Option<Ranking>,
    /// How often users were resampled for the 95 % intervals.
    pub resamples: usize,
    /// The seed of the resampling.
    pub seed: u64,
}

impl Evaluation {
    /// The errors of the ratings alone, if ratings were predicted.
    pub fn accuracy(&self) -> Option<Accuracy> {
        let Rating { ratings, unknown_users, unknown_items, rmse, mae, .. } = self.rating.as_ref()?;
        Some(Accuracy {
            ratings: *ratings,
            rmse: rmse.model.value,
            mae: mae.model.value,
            mean_rmse: rmse.mean.value,
            unknown_users: *unknown_users,
            unknown_items: *unknown_items,
        })
    }

    /// The metrics of lists, if there are any.
    pub fn lists(&self) -> &[RankingMetric] {
        self.ranking.as_ref().map_or(&[], |ranking| &ranking.metrics)
    }

    /// The metric that stands for all of them: NDCG at the first cutoff.
    pub fn ndcg(&self) -> Option<&RankingMetric> {
        self.lists().iter().find(|found| found.metric == Metric::Ndcg)
    }

    /// The first cutoff at which lists are worse, by their NDCG, than the most rated items.
    pub fn worse_than_popular(&self) -> Option<&RankingMetric> {
        let worse = |found: &&RankingMetric| {
            found.metric == Metric::Ndcg && found.model.value < found.most_rated.value
        };
        self.lists().iter().find(worse)
    }
}

/// An estimate with its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value over all users.
    pub value: f64,
    /// The ends of its 95 % bootstrap interval; none without resamples, with fewer than two users, and for
    /// metrics that are no average over users.
    pub interval: Option<[f64; 2]>,
}

/// Errors of predicted ratings, in rating units, predictions clipped to the model's range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    /// The number of ratings that were predicted.
    pub ratings: u64,
    /// The number of users who gave them.
    pub users: u64,
    /// The number of different items.
    pub items: u64,
    /// Ratings whose user has no training ratings; the item alone predicts them.
    pub unknown_users: u64,
    /// Ratings whose item has no training ratings; the user alone predicts them.
    pub unknown_items: u64,
    /// Ratings of pairs that are in the training ratings, too; these test nothing.
    pub trained_on: u64,
    /// Root mean square error.
    pub rmse: RatingMetric,
    /// Mean absolute error.
    pub mae: RatingMetric,
}

/// An error of the model and of the baselines for ratings; numbers are estimates, or their summaries over
/// folds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RatingMetric<Number = Estimate> {
    /// The model.
    pub model: Number,
    /// Regularised biases of users and items.
    pub biases: Number,
    /// The mean of the training ratings.
    pub mean: Number,
}

/// The quality of lists over all items of the model but those that the user rated in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// What counts as relevant: `all`, `mean` (of the training ratings), or a rating.
    pub relevance: String,
    /// The least relevant rating; none if all are.
    pub relevant_from: Option<f64>,
    /// Users with relevant test ratings; metrics are averages over them.
    pub users: u64,
    /// Relevant test ratings; those of pairs that were trained on are left out.
    pub relevant: u64,
    /// Those of them whose item the model does not know, so that no list can hold it.
    pub out_of_reach: u64,
    /// The number of items that lists are made of.
    pub catalogue: u64,
    /// The metrics, for each cutoff; none without users.
    pub metrics: Vec<RankingMetric>,
}

/// A metric of lists of one length; numbers as in [`RatingMetric`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankingMetric<Number = Estimate> {
    /// The metric.
    pub metric: Metric,
    /// The length at which lists are cut off.
    pub cutoff: usize,
    /// The model.
    pub model: Number,
    /// The items with the most training ratings.
    pub most_rated: Number,
}

/// A metric of lists (docs/metrics.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The part of a list that is relevant.
    Precision,
    /// The part of the relevant items that is in a list.
    Recall,
    /// Normalised discounted cumulative gain.
    Ndcg,
    /// Mean average precision.
    Map,
    /// Mean reciprocal rank of the first relevant item.
    Mrr,
    /// The part of the users with a relevant item in the list.
    HitRate,
    /// The part of the catalogue that is in any list.
    Coverage,
    /// How unevenly lists use the catalogue, from 0 to 1.
    Gini,
}

impl Metric {
    /// Those that are averages over users, in the order of [`ListMetrics`](super::ListMetrics).
    pub(super) const AVERAGES: [Self; 6] =
        [Self::Precision, Self::Recall, Self::Ndcg, Self::Map, Self::Mrr, Self::HitRate];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::Ndcg => "NDCG",
            Self::Map => "MAP",
            Self::Mrr => "MRR",
            Self::HitRate => "hit rate",
            Self::Coverage => "coverage",
            Self::Gini => "Gini",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_may_be_worse_at_one_length() {
        let of = |metric, cutoff, [model, most_rated]: [f64; 2]| {
            let [model, most_rated] = [model, most_rated].map(|value| Estimate { value, interval: None });
            RankingMetric { metric, cutoff, model, most_rated }
        };
        let of_all = |twenty| Evaluation {
            rating: None,
            ranking: Some(Ranking {
                relevance: "all".into(),
                relevant_from: None,
                users: 1,
                relevant: 1,
                out_of_reach: 0,
                catalogue: 30,
                metrics: vec![
                    of(Metric::Precision, 10, [0.1, 0.2]),
                    of(Metric::Ndcg, 10, [0.3, 0.2]),
                    of(Metric::Ndcg, 20, twenty),
                ],
            }),
            resamples: 0,
            seed: 1,
        };
        let worse = |found: &Evaluation| found.worse_than_popular().map(|found| found.cutoff);
        assert_eq!(of_all([0.2, 0.4]).ndcg().map(|found| found.cutoff), Some(10));
        assert_eq!(worse(&of_all([0.2, 0.4])), Some(20));
        assert_eq!(worse(&of_all([0.2, 0.2])), None, "the same is not worse; only NDCG counts");
    }
}
