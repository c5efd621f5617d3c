//! The history of a training run, epoch by epoch.

use super::criterion::{Criterion, Score};
use serde::{Deserialize, Serialize};

/// The metrics of one epoch; errors are in rating units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// The epoch's number, from 1.
    pub epoch: usize,
    /// RMSE over the training ratings. Stochastic gradient descent measures each rating just before it
    /// updates the user's row with it; other algorithms measure the updated rows.
    pub train_rmse: f64,
    /// The score on the held-out ratings after the epoch, if there are any.
    pub held_out: Option<Score>,
    /// The score on the test ratings whose user and item both occur in training, if there are any.
    pub test: Option<Score>,
    /// The number of posterior samples ("draws") that count so far. The scores measure their mean prediction.
    /// 0 if epochs are not draws, or before the first draw that counts.
    pub draws: usize,
    /// The learning rate, if the algorithm has one.
    pub learning_rate: Option<f32>,
    /// The time of the sweeps, in seconds.
    pub seconds: f64,
    /// Ratings a second. A rating counts once, although both of its rows are updated.
    pub ratings_per_second: f64,
}

impl Epoch {
    /// The RMSE on the held-out ratings, in rating units, if the RMSE is the criterion.
    pub fn held_out_rmse(&self) -> Option<f64> {
        self.held_out.and_then(|score| score.of(Criterion::Rmse))
    }
}

/// All epochs of a run, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The epochs that count, without those that were rolled back.
    pub epochs: Vec<Epoch>,
}

impl Curve {
    /// The epoch with the best score on the held-out ratings; the last one if nothing is held out or epochs
    /// are draws.
    pub fn best(&self) -> Option<&Epoch> {
        if let Some(last) = self.epochs.last()
            && last.draws > 0
        {
            return Some(last);
        }
        let measured = self.epochs.iter().filter_map(|epoch| Some((epoch, epoch.held_out?)));
        measured.min_by(|(_, a), (_, b)| a.order(b)).map(|(epoch, _)| epoch).or(self.epochs.last())
    }

    /// The best score on the held-out ratings.
    pub fn best_score(&self) -> Option<Score> {
        self.best().and_then(|epoch| epoch.held_out)
    }
}
