//! What came of a run, in numbers.

use crate::eval::{Accuracy, CrossValidation, Evaluation};
use crate::train::Outcome;
use serde::{Deserialize, Serialize};

/// The result of a run, times in seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The best epoch of the search.
    pub best_epoch: usize,
    /// The RMSE on held-out ratings after it, if ratings were held out.
    pub held_out_rmse: Option<f64>,
    /// Epochs of the search.
    pub search_epochs: usize,
    /// Epochs on all ratings, if there was a refit.
    pub refit_epochs: Option<usize>,
    /// The finished model on the test ratings, if there are any.
    pub test: Option<Accuracy>,
    /// The same with intervals, beside baselines, and with lists if some were made.
    pub evaluation: Option<Evaluation>,
    /// Models of all folds but one on that one, if there are folds.
    pub folds: Option<CrossValidation>,
    /// The mean of the ratings it was trained on.
    pub mean: f64,
    /// Their standard deviation: the error of who always predicts the mean.
    pub deviation: f64,
    /// Reading the ratings.
    pub read_seconds: f64,
    /// Training and measuring the models of the folds.
    pub fold_seconds: Option<f64>,
    /// Training, from the ratings in memory to the factors.
    pub train_seconds: f64,
    /// Testing and writing.
    pub write_seconds: f64,
}

impl Report {
    /// What training says; tests and times are yet to come.
    pub(super) fn of(outcome: &Outcome) -> Self {
        let best = outcome.search.best();
        Self {
            best_epoch: best.map_or(0, |best| best.epoch),
            held_out_rmse: best.and_then(crate::train::Epoch::held_out_rmse),
            search_epochs: outcome.search.epochs.len(),
            refit_epochs: outcome.refit.as_ref().map(|refit| refit.epochs.len()),
            mean: outcome.scale.mean,
            deviation: outcome.scale.deviation,
            ..Self::default()
        }
    }
}
