//! What can be chosen about training. Every default is written here and nowhere else.

use super::choices::{Algorithm, Regularization, Start, Views};
use crate::{Error, Result};
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
    pub regularization: Regularization,
    /// Of `sgd`, how fast regularization falls with a row's activity: `regularization * (mean_activity /
    /// activity)^power` a rating. Of `als`, how fast it grows: `regularization * activity^power` in all.
    pub power: Option<f32>,
    /// How much weight who rated what has, in `als` and `bayes`.
    pub views: Views,
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
            algorithm: Algorithm::Sgd,
            factors: None,
            epochs: None,
            regularization: Regularization::Auto,
            power: None,
            views: Views::Auto,
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

impl Settings {
    /// How many numbers describe a user, and an item.
    pub fn factors(&self) -> usize {
        self.factors.unwrap_or(self.algorithm.factors())
    }

    /// How many epochs there are at most, or draws that count.
    pub fn epochs(&self) -> usize {
        self.epochs.unwrap_or(self.algorithm.epochs())
    }

    /// See [`Settings::power`].
    pub fn power(&self) -> f32 {
        self.power.unwrap_or(self.algorithm.power())
    }

    /// The same settings with what follows from the algorithm written down.
    #[must_use]
    pub fn resolved(&self) -> Self {
        let (factors, epochs, power) = (self.factors(), self.epochs(), self.power());
        Self { factors: Some(factors), epochs: Some(epochs), power: Some(power), ..self.clone() }
    }

    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Usage`] with the name of the setting, what it is, and what it may be.
    pub fn check(&self) -> Result<()> {
        let wrong = |name: &str, is: String, may: &str| Err(Error::Usage(format!("{name} is {is}; {may}")));
        let within = |value: f32, low: f32, high: f32| value.is_finite() && (low..=high).contains(&value);
        let most = if self.algorithm == Algorithm::Sgd { 4096 } else { 512 };
        if !(1..=most).contains(&self.factors()) {
            let may = format!("with this algorithm it may be 1 to {most}");
            return wrong("--factors", self.factors().to_string(), &may);
        }
        if self.epochs() == 0 {
            return wrong("--epochs", "0".into(), "it must be at least 1");
        }
        if !(within(self.learning_rate, 0.0, 10.0) && self.learning_rate > 0.0) {
            return wrong(
                "--learning-rate",
                self.learning_rate.to_string(),
                "it must be above 0, at most 10",
            );
        }
        if let Regularization::Fixed(number) = self.regularization
            && !within(number, 0.0, 1000.0)
        {
            return wrong("--regularization", number.to_string(), "it may be `auto`, or 0 to 1000");
        }
        if !within(self.power(), 0.0, 1.0) {
            return wrong("--power", self.power().to_string(), "it may be 0 to 1");
        }
        if let Views::Weight(weight) = self.views
            && !within(weight, 0.0, 1000.0)
        {
            return wrong("--views", weight.to_string(), "it may be `auto`, `off`, or a weight up to 1000");
        }
        if self.keep_draws == 0 {
            return wrong("--keep-draws", "0".into(), "it must be at least 1");
        }
        if !(1..=4096).contains(&self.stages) {
            return wrong("--stages", self.stages.to_string(), "it may be 1 to 4096");
        }
        if let Some(valid) = self.valid
            && !(0.0..1.0).contains(&valid)
        {
            return wrong("--valid", valid.to_string(), "a fraction may be 0 up to, not including, 1");
        }
        if self.patience == 0 {
            return wrong("--patience", "0".into(), "it must be at least 1");
        }
        Ok(())
    }

    /// The fraction of `ratings` ratings that is held out.
    pub fn held_out_fraction(&self, ratings: usize) -> f64 {
        let suited = match self.algorithm {
            Algorithm::Sgd | Algorithm::Als => (2000.0 / ratings.max(1) as f64).clamp(0.05, 0.2),
            Algorithm::Bayes => 0.0,
        };
        self.valid.unwrap_or(suited)
    }
}
