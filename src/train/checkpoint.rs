//! Where training is, with all it takes to go on to the same bits.

use super::curve::{Curve, Epoch};
use super::event::Phase;
use super::fit::Fit;
use super::method::Method;
use super::race::{Candidate, Race};
use super::residuals::Residual;
use super::state::State;
use super::training::Outcome;
use crate::Result;
use crate::math::packed;
use crate::model::Factors;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A place in training from which it goes on as if it had never stopped, given the same ratings and settings. What it
/// holds is for one version of this program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkpoint<'a>(pub(super) Place<'a>);

/// What is going on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Place<'a> {
    /// Settings run against each other.
    Race(Cow<'a, Race>),
    /// The chosen setting runs with ratings held out, or a chain does.
    Search { candidate: Candidate, fit: Cow<'a, Fit>, state: State },
    /// A model of all ratings is trained.
    Refit { found: Cow<'a, Found>, fit: Cow<'a, Fit>, state: State },
    /// Nothing more.
    Trained(Cow<'a, Outcome>),
}

impl Place<'_> {
    /// The same with all states in memory.
    pub(super) fn here(mut self) -> Result<Self> {
        match &mut self {
            Self::Race(race) if race.is_there() => race.to_mut().bring_here()?,
            Self::Search { fit, .. } | Self::Refit { fit, .. } if fit.is_there() => {
                fit.to_mut().bring_here()?;
            }
            _ => {}
        }
        Ok(self)
    }

    pub(super) fn into_owned(self) -> Place<'static> {
        match self {
            Self::Race(race) => Place::Race(Cow::Owned(race.into_owned())),
            Self::Search { candidate, fit, state } => {
                Place::Search { candidate, fit: Cow::Owned(fit.into_owned()), state }
            }
            Self::Refit { found, fit, state } => {
                let (found, fit) = (found.into_owned(), fit.into_owned());
                Place::Refit { found: Cow::Owned(found), fit: Cow::Owned(fit), state }
            }
            Self::Trained(outcome) => Place::Trained(Cow::Owned(outcome.into_owned())),
        }
    }
}

/// What a search found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Found {
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
            Place::Race(_) => Some(Phase::Race),
            Place::Search { fit, .. } | Place::Refit { fit, .. } => Some(fit.plan.phase),
            Place::Trained(_) => None,
        }
    }

    /// The last epoch that was completed in the phase; of a race, by the setting whose turn it is.
    pub fn last_epoch(&self) -> Option<&Epoch> {
        let fit = match &self.0 {
            Place::Race(race) => race.runner()?,
            Place::Search { fit, .. } | Place::Refit { fit, .. } => fit,
            Place::Trained(_) => return None,
        };
        fit.curve.epochs.last()
    }
}

/// Which step of training is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A stage of an epoch.
    Stage,
    /// An epoch.
    Epoch,
    /// The whole.
    All,
}

/// Keeps what it takes to go on later.
pub trait Keeper {
    /// Whether to keep now; asked after every step.
    fn due(&mut self, step: Step) -> bool;

    /// Keeps a checkpoint.
    ///
    /// # Errors
    /// Whatever is to end training: that it cannot be kept, or that it was the last thing to do.
    fn keep(&mut self, checkpoint: &Checkpoint<'_>) -> Result<()>;
}
