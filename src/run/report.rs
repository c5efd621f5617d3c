//! The results of a run as numbers.

use crate::comm::Traffic;
use crate::eval::{Accuracy, CrossValidation, Evaluation};
use crate::model::Model;
use crate::ratings::Scale;
use crate::train::{Criterion, Outcome, Score, Settings};
use serde::{Deserialize, Serialize};

/// The results of a run; times are in seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The best epoch of the search.
    pub best_epoch: usize,
    /// The held-out RMSE after it, if ratings were held out.
    pub held_out_rmse: Option<f64>,
    /// The RMSE of always predicting the mean of the training ratings, on the same ratings.
    #[serde(default)]
    pub held_out_mean_rmse: Option<f64>,
    /// The held-out score after it by the criterion that decided, if ratings were held out.
    #[serde(default)]
    pub held_out: Option<Score>,
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
    /// Their standard deviation.
    pub deviation: f64,
    /// The training of the model of lists, if it was trained beside that of ratings.
    #[serde(default)]
    pub lists: Option<ListsReport>,
    /// The ranks, if several trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranks: Option<RanksReport>,
    /// Time to read the ratings.
    pub read_seconds: f64,
    /// Time to train and measure the models of the folds.
    pub fold_seconds: Option<f64>,
    /// Time to train, from the ratings in memory to the factors.
    pub train_seconds: f64,
    /// Time to evaluate the model and write the files.
    pub write_seconds: f64,
}

/// The ranks of a run that has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct RanksReport {
    /// Their number.
    pub count: usize,
    /// What rank 0 has gathered while the models were trained.
    #[serde(flatten)]
    pub traffic: Traffic,
}

/// The training of a model of lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListsReport {
    /// The settings, with open ones decided.
    pub settings: Settings,
    /// How the values of the ratings were weighed.
    pub weights: Scale,
    /// The best epoch of the search.
    pub best_epoch: usize,
    /// The held-out score after it, if ratings were held out.
    pub held_out: Option<Score>,
    /// Number of epochs of the search; `None` if it was trained before the run was resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search_epochs: Option<usize>,
    /// Number of epochs on all ratings, if there was a refit.
    pub refit_epochs: Option<usize>,
    /// Time to train, in seconds; 0 if it was trained before the run was resumed.
    pub train_seconds: f64,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// So many epochs were no better on the held-out ratings than the best one.
    NoGain(usize),
    /// It had this many epochs, which is the limit, and might have gained by more.
    Limit(usize),
    /// It has all epochs that were asked for.
    Complete,
    /// The run had to end, with so many epochs, or draws, not made.
    Cut(usize),
}

impl Ending {
    /// The end of a search with these settings, whose best epoch this was, of so many.
    fn of(settings: &Settings, (best, epochs): (usize, usize), is_held_out: bool) -> Self {
        let is_chain = settings.algorithm.is_chain();
        let all = settings.epochs() + if is_chain { settings.burn_in } else { 0 };
        let without = epochs.saturating_sub(best);
        match epochs {
            _ if is_held_out && !is_chain && without >= settings.patience() => Self::NoGain(without),
            _ if epochs < all => Self::Cut(all - epochs),
            _ if is_held_out && !is_chain => Self::Limit(all),
            _ => Self::Complete,
        }
    }
}

impl ListsReport {
    /// Why the search ended, if that is known.
    pub fn ending(&self) -> Option<Ending> {
        let epochs = self.search_epochs?;
        Some(Ending::of(&self.settings, (self.best_epoch, epochs), self.held_out.is_some()))
    }

    /// The training of a model, as the model describes it.
    pub(super) fn of(model: &Model, train_seconds: f64) -> Option<Self> {
        let metrics = model.about.metrics()?;
        Some(Self {
            settings: model.about.settings()?,
            weights: model.about.weights()?,
            best_epoch: metrics.best_epoch.unwrap_or(0),
            held_out: model.about.metric("held_out"),
            search_epochs: None,
            refit_epochs: metrics.refit_epochs,
            train_seconds,
        })
    }
}

impl Report {
    /// Why the search with these settings ended.
    pub fn ending(&self, settings: &Settings) -> Ending {
        Ending::of(settings, (self.best_epoch, self.search_epochs), self.held_out.is_some())
    }

    /// The results of training; evaluation and the other times are filled in later.
    pub(super) fn of(outcome: &Outcome) -> Self {
        let best = outcome.search.best();
        Self {
            best_epoch: best.map_or(0, |best| best.epoch),
            held_out_rmse: best.and_then(crate::train::Epoch::held_out_rmse),
            held_out_mean_rmse: outcome.held_out_mean,
            held_out: outcome.search.best_score(),
            search_epochs: outcome.search.epochs.len(),
            refit_epochs: outcome.refit.as_ref().map(|refit| refit.epochs.len()),
            mean: outcome.scale.mean,
            deviation: outcome.scale.deviation,
            ..Self::default()
        }
    }

    /// The held-out score of lists and the epoch that it chose, if a metric of lists decided.
    pub(super) fn held_out_lists(&self) -> Option<(Score, usize)> {
        let (score, epoch) = match &self.lists {
            Some(lists) => (lists.held_out, lists.best_epoch),
            None => (self.held_out, self.best_epoch),
        };
        Some((score.filter(|score| score.criterion != Criterion::Rmse)?, epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Algorithm;

    #[test]
    fn a_search_ends_for_one_reason() {
        let settings = Settings { epochs: Some(30), patience: Some(3), ..Settings::default() };
        let of = |best, epochs, is_held_out| Ending::of(&settings, (best, epochs), is_held_out);
        assert_eq!(of(12, 15, true), Ending::NoGain(3));
        assert_eq!(of(27, 30, true), Ending::NoGain(3), "it would have ended there, too");
        assert_eq!(of(30, 30, true), Ending::Limit(30));
        assert_eq!(of(28, 30, true), Ending::Limit(30));
        assert_eq!(of(30, 30, false), Ending::Complete);
        assert_eq!(of(12, 14, true), Ending::Cut(16));
        assert_eq!(of(12, 12, false), Ending::Cut(18));
        let chain = Settings { algorithm: Algorithm::Bayes, burn_in: 20, epochs: Some(200), ..settings };
        let of = |epochs| Ending::of(&chain, (epochs, epochs), true);
        assert_eq!((of(220), of(56)), (Ending::Complete, Ending::Cut(164)));
    }
}
