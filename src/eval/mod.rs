//! How good a model is on ratings it has not seen. `docs/metrics.md` has every formula and its source.

mod baseline;
mod bootstrap;
mod by_user;
mod calibration;
mod compare;
mod comparison;
mod evaluate;
mod evaluation;
mod folds;
mod groups;
mod list;
mod options;
mod panel;
mod predicted;
mod ranking;
mod rating;
mod rmse;
mod spread;

pub use baseline::{Biases, Popularity};
pub use calibration::{Held, INTERVALS, calibration};
pub use compare::{Contender, compare};
pub use comparison::{
    Baseline, BaselineKind, Compared, Comparison, Difference, ErrorMetric, Measure, Verdict,
};
pub use evaluate::{check_ids, evaluate, evaluate_both};
pub use evaluation::{Estimate, Evaluation, Metric, Ranking, RankingMetric, Rating, RatingMetric};
pub use folds::{CrossValidation, OverFolds};
pub use groups::{Group, by_training};
pub use list::{ListMetrics, list_metrics};
pub use options::{EvaluationOptions, Relevance};
pub use predicted::{Against, Predicted, against, predicted};
pub use rmse::{Accuracy, accuracy};
pub use spread::{coverage, gini};
