//! What became of a training run, epoch by epoch.

use serde::{Deserialize, Serialize};

/// One epoch's numbers, errors in rating units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// RMSE over the training ratings, each measured just before its user's row learnt from it.
    pub train_rmse: f64,
    /// RMSE over the held-out ratings after the epoch, where there are any.
    pub held_out_rmse: Option<f64>,
    /// RMSE over those ratings of the test whose user and item training knows, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_rmse: Option<f64>,
    /// How many draws count so far; the predictions that are measured are their mean. 0 where epochs are no draws, or do not
    /// count yet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub draws: usize,
    /// The learning rate, of an algorithm that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f32>,
    /// How long the sweeps took, in seconds.
    pub seconds: f64,
    /// Ratings a second, each counted once though both its rows were updated.
    pub ratings_per_second: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// All epochs of a run in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The epochs that count; those that were rolled back are not here.
    pub epochs: Vec<Epoch>,
}

impl Curve {
    /// The epoch with the lowest held-out RMSE; the last one where nothing is held out, or epochs are draws.
    pub fn best(&self) -> Option<&Epoch> {
        if let Some(last) = self.epochs.last()
            && last.draws > 0
        {
            return Some(last);
        }
        let measured = self.epochs.iter().filter(|epoch| epoch.held_out_rmse.is_some());
        measured
            .min_by(|a, b| a.held_out_rmse.partial_cmp(&b.held_out_rmse).unwrap_or(std::cmp::Ordering::Equal))
            .or(self.epochs.last())
    }

    /// The lowest held-out RMSE.
    pub fn best_rmse(&self) -> f64 {
        self.best().and_then(|epoch| epoch.held_out_rmse).unwrap_or(f64::INFINITY)
    }
}
