//! The results of a run as numbers.

use crate::eval::{Accuracy, CrossValidation, Evaluation};
use crate::train::Outcome;
use serde::{Deserialize, Serialize};

/// The results of a run; times are in seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The best epoch of the search.
    pub best_epoch: usize,
    /// The held-out RMSE after it, if ratings were held out.
    pub held_out_rmse: Option<f64>,
    /// Number of epochs of the search.
    pub search_epochs: usize,
    /// Number of epochs on all ratings, if there was a refit.
    pub refit_epochs: Option<usize>,
    /// RMSE and MAE of the finished model on the test ratings, if there are any.
    pub test: Option<Accuracy>,
    /// The full evaluation, with intervals and baselines, and with list metrics if lists were made.
    pub evaluation: Option<Evaluation>,
    /// The cross-validation, if there are folds.
    pub folds: Option<CrossValidation>,
    /// The mean of the training ratings.
    pub mean: f64,
    /// Their standard deviation: the RMSE of always predicting the mean.
    pub deviation: f64,
    /// Time to read the ratings.
    pub read_seconds: f64,
    /// Time to train and measure the models of the folds.
    pub fold_seconds: Option<f64>,
    /// Time to train, from the ratings in memory to the factors.
    pub train_seconds: f64,
    /// Time to evaluate the model and write the files.
    pub write_seconds: f64,
}

impl Report {
    /// The results of training; evaluation and the other times are filled in later.
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
