//! The settings of a run once the ratings are read, which decides what is trained.

use super::config::Config;
use super::objectives::Objectives;
use crate::ratings::Feedback;
use crate::train::{Objective, Settings};
use crate::{Error, Result};

impl Config {
    /// The same settings, with the objective decided by what was read. If only lists are trained, their settings
    /// are those of the training; so the only model of a run is always trained in the same way.
    pub(super) fn decided(&self, feedback: Feedback) -> Result<Self> {
        let objective = self.objective.unwrap_or(Objectives::of(feedback));
        if feedback == Feedback::Pairs && objective != Objectives::Lists {
            let why = "there are only pairs of users and items, no ratings to predict; it may be `lists`";
            return Err(Error::setting("objective", &objective.name(), why));
        }
        let training = match (objective, self.objective) {
            (Objectives::Lists, Some(_)) => self.settings_of(Objective::Lists),
            (Objectives::Lists, None) => self.only_lists(),
            _ => self.training.clone(),
        };
        let lists = if objective == Objectives::Lists { training.clone() } else { self.lists.clone() };
        Ok(Self { objective: Some(objective), training, lists, ..self.clone() })
    }

    /// The settings of lists, where the ratings decided that nothing else is trained: what was set for training in
    /// general holds for them, unless it is set for lists.
    fn only_lists(&self) -> Settings {
        let (lists, training) = (self.settings_of(Objective::Lists), &self.training);
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
