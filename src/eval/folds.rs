//! The summary of the evaluations of several folds.

use super::evaluation::{Estimate, Evaluation, RankingMetric, Rating, RatingMetric};
use serde::{Deserialize, Serialize};

/// The folds of a cross-validation, each measured with a model that was trained on the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossValidation {
    /// Root mean square error, if ratings were predicted.
    pub rmse: Option<RatingMetric<OverFolds>>,
    /// Mean absolute error, if ratings were predicted.
    pub mae: Option<RatingMetric<OverFolds>>,
    /// The metrics of lists that every fold has.
    pub ranking: Vec<RankingMetric<OverFolds>>,
    /// Each fold by itself.
    pub folds: Vec<Evaluation>,
}

/// A metric over folds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OverFolds {
    /// The mean of the folds, each counting once.
    pub mean: f64,
    /// Their standard deviation (of a sample: over one less than there are).
    pub sd: f64,
}

impl OverFolds {
    /// The summary of at least one value; a single value has a deviation of 0.
    fn of(values: &[f64]) -> Self {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self { mean, sd: (squares / (values.len().max(2) - 1) as f64).sqrt() }
    }
}

impl CrossValidation {
    /// Summarises evaluations.
    ///
    /// # Panics
    /// If there are none.
    pub fn of(folds: Vec<Evaluation>) -> Self {
        let rating = |of: fn(&Rating) -> &RatingMetric| {
            let found: Vec<&RatingMetric> =
                folds.iter().filter_map(|fold| fold.rating.as_ref()).map(of).collect();
            let over = |value: fn(&RatingMetric) -> f64| {
                OverFolds::of(&found.iter().map(|metric| value(metric)).collect::<Vec<f64>>())
            };
            (found.len() == folds.len()).then(|| RatingMetric {
                model: over(|metric| metric.model.value),
                biases: over(|metric| metric.biases.value),
                mean: over(|metric| metric.mean.value),
            })
        };
        let (rmse, mae) = (rating(|found| &found.rmse), rating(|found| &found.mae));
        let ranking = folds[0].lists().iter().filter_map(|metric| ranking(&folds, metric)).collect();
        Self { rmse, mae, ranking, folds }
    }
}

/// A metric over the folds, if all of them have it.
fn ranking(folds: &[Evaluation], metric: &RankingMetric) -> Option<RankingMetric<OverFolds>> {
    let RankingMetric { metric, cutoff, .. } = *metric;
    let found: Option<Vec<&RankingMetric>> = folds
        .iter()
        .map(|fold| fold.lists().iter().find(|found| found.metric == metric && found.cutoff == cutoff))
        .collect();
    let over = |of: fn(&RankingMetric) -> Estimate, found: &[&RankingMetric]| {
        OverFolds::of(&found.iter().map(|found| of(found).value).collect::<Vec<f64>>())
    };
    found.map(|found| RankingMetric {
        metric,
        cutoff,
        model: over(|found| found.model, &found),
        most_rated: over(|found| found.most_rated, &found),
    })
}
