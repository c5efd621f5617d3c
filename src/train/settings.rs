//! What can be chosen about training, and the defaults; those that depend on the algorithm are in its file.

use super::choices::{Algorithm, Choice, Start};
use serde::{Deserialize, Serialize};

/// All settings of a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What happens in a row.
    pub algorithm: Algorithm,
    /// How many numbers describe a user, and an item; `None` is what suits the algorithm, and so below.
    pub factors: Option<usize>,
    /// How many epochs to run; with a held-out slice, at most. Of `bayes`, how many draws count.
    pub epochs: Option<usize>,
    /// The regularization, or how to find it; `bayes` has none.
    pub regularization: Choice<f32>,
    /// Of `sgd`, how fast regularization falls with a row's activity: `regularization * (mean_activity /
    /// activity)^power` a rating. Of `als`, how fast it grows: `regularization * activity^power` in all.
    pub power: Option<f32>,
    /// How much weight who rated what has, in `als` and `bayes`.
    pub views: Choice<f32>,
    /// The first step of a row; later ones shrink by the root of the row's gradient sum. Of `sgd` only.
    pub learning_rate: f32,
    /// Where factors start. `None` follows from the race, or is [`Start::Centred`] without one. Of `sgd` only.
    pub start: Option<Start>,
    /// Into how many groups of users an epoch of `sgd` is cut.
    pub stages: usize,
    /// Draws of `bayes` that do not count yet, after which the chain has forgotten where it began.
    pub burn_in: usize,
    /// How many of the draws of `bayes` a model keeps.
    pub keep_draws: usize,
    /// The fraction of the ratings that is held out to stop in time; 0 holds nothing out. `None` is 0.05, and more
    /// where that would be fewer than 2000 ratings; for `bayes`, which needs none, it is 0.
    pub valid: Option<f64>,
    /// After so many epochs without a better held-out RMSE, training stops.
    pub patience: usize,
    /// Whether the delivered model is trained again on all ratings, for as many epochs as were best.
    pub refit: bool,
    /// The seed of everything random.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::default(),
            factors: None,
            epochs: None,
            regularization: Choice::Auto,
            power: None,
            views: Choice::Auto,
            learning_rate: 0.05,
            start: None,
            stages: 16,
            burn_in: 20,
            keep_draws: 64,
            valid: None,
            patience: 3,
            refit: true,
            seed: 42,
        }
    }
}
