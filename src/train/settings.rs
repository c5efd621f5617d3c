//! The settings of training and their defaults. Defaults that depend on the algorithm are in its file.

use super::choices::{Algorithm, Choice, Start};
use super::criterion::Criterion;
use super::row::normal::Solver;
use crate::ratings::Confidence;
use serde::{Deserialize, Serialize};

/// All settings of a training run. Open settings are chosen to suit the algorithm and the ratings.
///
/// | name | default (sgd, als, bayes, ials) | range | purpose |
/// |---|---|---|---|
/// | `algorithm` | sgd | sgd, als, bayes, ials | the fastest, few epochs, the most accurate, or lists |
/// | `factors` | 128, 64, 32, 128 | 1 to 4096, 2048, 2048, 2048 | numbers that describe a user, and an item |
/// | `epochs` | 50, 30, 200, 12 | 1 to 1,000,000 | passes over the ratings, at most; for bayes, draws that count |
/// | `regularization` | a short race decides | 0 to 1000 | pull of rows towards the mean; not for bayes |
/// | `power` | 0.3, 0.5, 0, 1 | 0 to 1 | the exponent of a row's activity in its regularization |
/// | `views` | a short race decides | 0 to 1000 | weight of the implicit features; for als and bayes |
/// | `unobserved_weight` | a short race decides | from 0 | weight of a pair without a rating; for ials |
/// | `alpha` | | above 0 | the classic confidence of a rating, in place of `unobserved_weight`; for ials |
/// | `confidence` | auto | auto, linear, log, none | how a value becomes a weight; for ials |
/// | `dislikes_below` | | any | ratings below weigh against an item; for ials |
/// | `solver` | auto | auto, exact, cg | how a row's equations are solved; for als and ials |
/// | `criterion` | rmse, rmse, rmse, ndcg@10 | rmse, ndcg@N, recall@N, .. | what held-out ratings decide by |
/// | `learning_rate` | 0.05 | above 0, to 10 | the first step of a row; for sgd |
/// | `start` | a short race decides | centred, offset | where factors start; for sgd |
/// | `stages` | 16 | 1 to 4096 | groups of users that an epoch is cut into; for sgd |
/// | `burn_in` | 20 | 0 to 1,000,000 | draws before those that count; for bayes |
/// | `keep_draws` | 64 | 1 to 1,000,000 | draws that the model keeps, at most; for bayes |
/// | `valid` | 0.05, more of few ratings; bayes 0, ials 0.1 | 0 to below 1 | fraction held out for validation |
/// | `patience` | 3, 3, 3, 2 | 1 to 1,000,000 | epochs without a better score on held-out ratings before the end |
/// | `refit` | true | | whether the model is trained again on all ratings |
/// | `seed` | 42 | | the seed of everything random |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The training algorithm.
    pub algorithm: Algorithm,
    /// The number of factors of a user or an item. `None`, here and below, takes the default of the
    /// algorithm.
    pub factors: Option<usize>,
    /// The number of epochs; the largest number if ratings are held out. For `bayes`, the number of posterior
    /// samples ("draws") that count.
    pub epochs: Option<usize>,
    /// The regularization, or how to find it; `bayes` has none.
    pub regularization: Choice<f32>,
    /// The exponent of a row's activity. The regularization of `sgd` falls with it: `regularization *
    /// (mean_activity / activity)^power` for each rating. That of `als` grows with it: `regularization *
    /// activity^power` in total.
    pub power: Option<f32>,
    /// The weight of the implicit features (who rated what) in `als` and `bayes`.
    pub views: Choice<f32>,
    /// The weight of a pair without a rating in `ials`, where the mean weight of a rating is 1. An open
    /// choice is a multiple of the density of the ratings.
    pub unobserved_weight: Choice<f32>,
    /// The classic confidence of `ials`: a rating counts `1 + alpha * rating` where a pair without one
    /// counts 1. It is translated to `unobserved_weight` (docs/maths.md, "ials").
    pub alpha: Option<f32>,
    /// How a value becomes the weight of a preference in `ials`.
    pub confidence: Confidence,
    /// Ratings below this weigh against an item in `ials`.
    pub dislikes_below: Option<f32>,
    /// How the equations of a row are solved in `als` and `ials`: exactly, by steps of conjugate gradients,
    /// or each row as is fastest at equal quality.
    #[serde(skip_serializing_if = "Solver::is_auto")]
    pub solver: Solver,
    /// What the held-out ratings decide by: the best epoch, and the winner of a race. `None` takes the
    /// default of the algorithm.
    pub criterion: Option<Criterion>,
    /// The first step of a row, for `sgd` only. Later steps shrink by the root of the row's gradient sum.
    pub learning_rate: f32,
    /// The start of the factors, for `sgd` only. `None` lets the race decide, or is [`Start::Centred`]
    /// without a race.
    pub start: Option<Start>,
    /// The number of groups of users that an epoch of `sgd` is cut into.
    pub stages: usize,
    /// The number of draws of `bayes` before the first one that counts, in which the chain forgets its start.
    pub burn_in: usize,
    /// The number of draws of `bayes` that the model keeps.
    pub keep_draws: usize,
    /// The fraction of the ratings that is held out for validation; 0 holds nothing out. `None` is 0.05, but
    /// more if that is fewer than 2000 ratings. For `bayes`, which needs no validation, `None` is 0.
    pub valid: Option<f64>,
    /// Training stops after this many epochs without a better score on the held-out ratings.
    pub patience: Option<usize>,
    /// Whether the delivered model is trained again on all ratings, for as many epochs as the best one of the
    /// search.
    pub refit: bool,
    /// The seed of all random numbers.
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
            unobserved_weight: Choice::Auto,
            alpha: None,
            confidence: Confidence::Auto,
            dislikes_below: None,
            solver: Solver::Auto,
            criterion: None,
            learning_rate: 0.05,
            start: None,
            stages: 16,
            burn_in: 20,
            keep_draws: 64,
            valid: None,
            patience: None,
            refit: true,
            seed: 42,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default that the table of the documentation gives for a setting.
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
                "patience" => assert_eq!(found, of_each(|algorithm| algorithm.patience().to_string())),
                "criterion" => assert_eq!(found, of_each(|algorithm| algorithm.criterion().to_string())),
                "alpha" | "dislikes_below" => assert!(value.is_null() && found.is_empty(), "{found}"),
                "regularization" | "views" | "start" | "unobserved_weight" => {
                    assert_eq!(found, "a short race decides");
                }
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
