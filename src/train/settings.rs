//! What can be chosen about training, and the defaults; those that depend on the algorithm are in its file.

use super::choices::{Algorithm, Choice, Start};
use serde::{Deserialize, Serialize};

/// All settings of a training run. What is open suits the algorithm and the ratings.
///
/// | name | default (sgd, als, bayes) | range | purpose |
/// |---|---|---|---|
/// | `algorithm` | sgd | sgd, als, bayes | the fastest, few epochs, or the most accurate |
/// | `factors` | 128, 64, 32 | 1 to 4096, 512, 512 | numbers that describe a user, and an item |
/// | `epochs` | 50, 30, 200 | from 1 | passes over the ratings, at most; draws of bayes that count |
/// | `regularization` | a short race decides | 0 to 1000 | how far rows are drawn to the mean; not of bayes |
/// | `power` | 0.3, 0.5, 0 | 0 to 1 | how regularization goes with the activity of a row |
/// | `views` | a short race decides | 0 to 1000 | weight of who rated what; of als and bayes |
/// | `learning_rate` | 0.05 | above 0, to 10 | the first step of a row; of sgd |
/// | `start` | a short race decides | centred, offset | where factors start; of sgd |
/// | `stages` | 16 | 1 to 4096 | groups of users that an epoch is cut into; of sgd |
/// | `burn_in` | 20 | from 0 | draws before those that count; of bayes |
/// | `keep_draws` | 64 | from 1 | draws that the model keeps, at most; of bayes |
/// | `valid` | 0.05, more of few ratings; bayes 0 | 0 to below 1 | the fraction held out to stop by |
/// | `patience` | 3 | from 1 | epochs without a better held-out error before the end |
/// | `refit` | true | | whether the model is trained again on all ratings |
/// | `seed` | 42 | | the seed of everything random |
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the table of the documentation says of a setting.
    fn default_of(name: &str) -> &'static str {
        let row = format!("/// | `{name}` |");
        let row = include_str!("settings.rs").lines().find_map(|line| line.strip_prefix(&row));
        row.and_then(|rest| rest.split('|').next()).expect("a row of the table").trim()
    }

    #[test]
    fn the_table_says_what_the_defaults_are() {
        let defaults = serde_json::to_value(Settings::default()).expect("JSON");
        let defaults = defaults.as_object().expect("names and values");
        for (name, value) in defaults {
            let found = default_of(name);
            match name.as_str() {
                "factors" => assert_eq!(found, of_each(|algorithm| algorithm.factors().to_string())),
                "epochs" => assert_eq!(found, of_each(|algorithm| algorithm.epochs().to_string())),
                "power" => assert_eq!(found, of_each(|algorithm| algorithm.power().to_string())),
                "regularization" | "views" | "start" => assert_eq!(found, "a short race decides"),
                "valid" => assert!(value.is_null() && found.starts_with("0.05"), "{found}"),
                "learning_rate" => assert_eq!(found, Settings::default().learning_rate.to_string()),
                _ => assert_eq!(found, value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            }
        }
    }

    fn of_each(default: impl Fn(Algorithm) -> String) -> String {
        Algorithm::ALL.map(default).join(", ")
    }
}
