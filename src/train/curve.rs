//! What became of a training run, epoch by epoch.

use super::criterion::{Criterion, Score};
use serde::{Deserialize, Serialize};

/// One epoch's numbers, errors in rating units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// RMSE over the training ratings, each measured just before its user's row was updated with it.
    pub train_rmse: f64,
    /// The score on the held-out ratings after the epoch, where there are any.
    pub held_out: Option<Score>,
    /// The score on those ratings of the test whose user and item training knows, where there are any.
    pub test: Option<Score>,
    /// How many draws count so far; the predictions that are measured are their mean. 0 where epochs are no draws, or do not
    /// count yet.
    pub draws: usize,
    /// The learning rate, of an algorithm that has one.
    pub learning_rate: Option<f32>,
    /// How long the sweeps took, in seconds.
    pub seconds: f64,
    /// Ratings a second, each counted once though both its rows were updated.
    pub ratings_per_second: f64,
}

impl Epoch {
    /// The RMSE on the held-out ratings, in rating units, if that is what was measured.
    pub fn held_out_rmse(&self) -> Option<f64> {
        self.held_out.and_then(|score| score.of(Criterion::Rmse))
    }
}

/// All epochs of a run in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The epochs that count; those that were rolled back are not here.
    pub epochs: Vec<Epoch>,
}

impl Curve {
    /// The epoch with the best score on held-out ratings; the last one where nothing is held out, or epochs are draws.
    pub fn best(&self) -> Option<&Epoch> {
        if let Some(last) = self.epochs.last()
            && last.draws > 0
        {
            return Some(last);
        }
        let measured = self.epochs.iter().filter_map(|epoch| Some((epoch, epoch.held_out?)));
        measured.min_by(|(_, a), (_, b)| a.order(b)).map(|(epoch, _)| epoch).or(self.epochs.last())
    }

    /// The best score on held-out ratings.
    pub fn best_score(&self) -> Option<Score> {
        self.best().and_then(|epoch| epoch.held_out)
    }
}
