//! A checkpoint: a position in training, with everything that it takes to resume to the same bits.

use super::fit::Fit;
use super::outcome::Outcome;
use super::race::Race;
use super::residuals::Residual;
use crate::Result;
use crate::math::packed;
use crate::model::Factors;
use crate::train::algorithm::Method;
use crate::train::candidate::Candidate;
use crate::train::curve::{Curve, Epoch};
use crate::train::event::Phase;
use crate::train::monitor::Step;
use crate::train::state::State;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A position in training. With the same ratings and settings, training resumes from it as if it had never
/// stopped. Only the program version that wrote a checkpoint can read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkpoint<'a>(pub(super) Position<'a>);

/// The part of training that runs, with its state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Position<'a> {
    /// Candidates race.
    Race(Cow<'a, Race>),
    /// The chosen candidate is trained with ratings held out, or a chain runs.
    Search { candidate: Candidate, fit: Cow<'a, Fit>, state: State },
    /// The model is trained on all ratings.
    Refit { found: Cow<'a, SearchResult>, fit: Cow<'a, Fit>, state: State },
    /// Training has finished.
    Trained(Cow<'a, Outcome>),
}

impl Position<'_> {
    /// The same position with all states in host memory.
    pub(super) fn on_host(mut self) -> Result<Self> {
        match &mut self {
            Self::Race(race) if race.is_on_device() => race.to_mut().bring_to_host()?,
            Self::Search { fit, .. } | Self::Refit { fit, .. } if fit.is_on_device() => {
                fit.to_mut().bring_to_host()?;
            }
            _ => {}
        }
        Ok(self)
    }

    pub(super) fn into_owned(self) -> Position<'static> {
        match self {
            Self::Race(race) => Position::Race(Cow::Owned(race.into_owned())),
            Self::Search { candidate, fit, state } => {
                Position::Search { candidate, fit: Cow::Owned(fit.into_owned()), state }
            }
            Self::Refit { found, fit, state } => {
                let (found, fit) = (found.into_owned(), fit.into_owned());
                Position::Refit { found: Cow::Owned(found), fit: Cow::Owned(fit), state }
            }
            Self::Trained(outcome) => Position::Trained(Cow::Owned(outcome.into_owned())),
        }
    }
}

/// The result of a search.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SearchResult {
    pub(super) candidate: Candidate,
    /// The method, with its parameters after the last epoch.
    pub(super) method: Method,
    pub(super) search: Curve,
    pub(super) draws: Vec<Factors>,
    #[serde(with = "packed")]
    pub(super) residuals: Vec<Residual>,
    /// The error of always predicting the mean, on the held-out ratings; unknown in older checkpoints.
    #[serde(default)]
    pub(super) held_out_mean: Option<f64>,
}

impl Checkpoint<'_> {
    /// The current phase; `None` after training has finished.
    pub fn phase(&self) -> Option<Phase> {
        match &self.0 {
            Position::Race(_) => Some(Phase::Race),
            Position::Search { fit, .. } | Position::Refit { fit, .. } => Some(fit.plan.phase),
            Position::Trained(_) => None,
        }
    }

    /// The last completed epoch of the phase; in a race, of the candidate whose turn it is.
    pub fn last_epoch(&self) -> Option<&Epoch> {
        let fit = match &self.0 {
            Position::Race(race) => race.runner()?,
            Position::Search { fit, .. } | Position::Refit { fit, .. } => fit,
            Position::Trained(_) => return None,
        };
        fit.curve.epochs.last()
    }
}

/// Keeps checkpoints, from which training can resume later.
pub trait Keeper {
    /// Whether to keep a checkpoint now; called after every step.
    fn due(&mut self, step: Step) -> bool;

    /// Keeps a checkpoint.
    ///
    /// # Errors
    /// Any error ends training: because the checkpoint cannot be kept, or because keeping it was the last
    /// thing to do.
    fn keep(&mut self, checkpoint: &Checkpoint<'_>) -> Result<()>;
}
