//! Where training is, with all it takes to resume to the same bits.

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

/// A position in training from which it resumes as if it had never stopped, given the same ratings and settings. What it
/// holds is for one version of this program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkpoint<'a>(pub(super) Position<'a>);

/// What is going on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Position<'a> {
    /// Settings run against each other.
    Race(Cow<'a, Race>),
    /// The chosen setting runs with ratings held out, or a chain does.
    Search { candidate: Candidate, fit: Cow<'a, Fit>, state: State },
    /// A model of all ratings is trained.
    Refit { found: Cow<'a, SearchResult>, fit: Cow<'a, Fit>, state: State },
    /// Nothing more.
    Trained(Cow<'a, Outcome>),
}

impl Position<'_> {
    /// The same with all states in memory.
    pub(super) fn on_host(mut self) -> Result<Self> {
        match &mut self {
            Self::Race(race) if race.is_on_device() => race.to_mut().to_host()?,
            Self::Search { fit, .. } | Self::Refit { fit, .. } if fit.is_on_device() => {
                fit.to_mut().to_host()?;
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

/// What a search found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SearchResult {
    pub(super) candidate: Candidate,
    /// The method with its numbers as the last epoch left them.
    pub(super) method: Method,
    pub(super) search: Curve,
    pub(super) draws: Vec<Factors>,
    #[serde(with = "packed")]
    pub(super) residuals: Vec<Residual>,
}

impl Checkpoint<'_> {
    /// In which phase it is; none when all is trained.
    pub fn phase(&self) -> Option<Phase> {
        match &self.0 {
            Position::Race(_) => Some(Phase::Race),
            Position::Search { fit, .. } | Position::Refit { fit, .. } => Some(fit.plan.phase),
            Position::Trained(_) => None,
        }
    }

    /// The last epoch that was completed in the phase; of a race, by the setting whose turn it is.
    pub fn last_epoch(&self) -> Option<&Epoch> {
        let fit = match &self.0 {
            Position::Race(race) => race.runner()?,
            Position::Search { fit, .. } | Position::Refit { fit, .. } => fit,
            Position::Trained(_) => return None,
        };
        fit.curve.epochs.last()
    }
}

/// Keeps what it takes to resume later.
pub trait Keeper {
    /// Whether to keep now; asked after every step.
    fn due(&mut self, step: Step) -> bool;

    /// Keeps a checkpoint.
    ///
    /// # Errors
    /// Whatever is to end training: that it cannot be kept, or that it was the last thing to do.
    fn keep(&mut self, checkpoint: &Checkpoint<'_>) -> Result<()>;
}
