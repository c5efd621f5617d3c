//! What a run trains: a model of ratings, a model of lists, or one of each.

use super::config::Config;
use crate::ratings::Feedback;
use crate::train::{Objective, Settings};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What a run trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objectives {
    /// A model that predicts ratings.
    Ratings,
    /// A model that makes lists.
    Lists,
    /// One of each.
    Both,
}

impl Objectives {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ratings, Self::Lists, Self::Both];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ratings => "ratings",
            Self::Lists => "lists",
            Self::Both => "both",
        }
    }

    /// What is trained unless something else is asked for.
    fn of(feedback: Feedback) -> Self {
        match feedback {
            Feedback::Ratings => Self::Both,
            Feedback::Weights | Feedback::Pairs => Self::Lists,
        }
    }
}

impl Config {
    /// The same settings, with the objective decided by what was read. If only lists are trained, their settings
    /// are those of the training; so the only model of a run is always trained in the same way.
    pub(super) fn decided(&self, feedback: Feedback) -> Result<Self> {
        let objective = self.objective.unwrap_or(Objectives::of(feedback));
        if feedback == Feedback::Pairs && objective != Objectives::Lists {
            let why = "there are only pairs of users and items, no ratings to predict; it may be `lists`";
            return Err(Error::setting("objective", &objective.name(), why));
        }
        let training = if objective == Objectives::Lists { self.only_lists() } else { self.training.clone() };
        let lists = if objective == Objectives::Lists { training.clone() } else { self.lists.clone() };
        Ok(Self { objective: Some(objective), training, lists, ..self.clone() })
    }

    /// The settings of lists, where nothing else is trained: what was set for training in general holds for
    /// them, unless it is set for lists.
    fn only_lists(&self) -> Settings {
        let (lists, training) = (self.settings_of(Objective::Lists), &self.training);
        if training.algorithm.objective() == Objective::Lists {
            return training.clone();
        }
        Settings {
            factors: lists.factors.or(training.factors),
            epochs: lists.epochs.or(training.epochs),
            patience: lists.patience.or(training.patience),
            power: lists.power.or(training.power),
            regularization: lists.regularization.or(training.regularization),
            ..lists
        }
    }

    /// The training settings of an objective, with the size of the random validation slice. Both objectives
    /// share the seed, and whether there is a refit.
    pub(super) fn settings_of(&self, objective: Objective) -> Settings {
        match objective {
            Objective::Ratings => self.settings(),
            Objective::Lists => {
                let Settings { valid, seed, refit, .. } = self.settings();
                Settings { valid: self.lists.valid.or(valid), seed, refit, ..self.lists.clone() }
            }
        }
    }

    /// Whether lists are trained in addition to ratings, once the objective is decided.
    pub(super) fn has_lists_beside(&self) -> bool {
        self.objective == Some(Objectives::Both)
    }
}
