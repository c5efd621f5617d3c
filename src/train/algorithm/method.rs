//! A running algorithm: its work in an epoch, and the state that it keeps between epochs besides the factors.

use super::als::Als;
use super::bayes::Bayes;
use super::ials::Ials;
use super::pause::Pause;
use super::sgd::Sgd;
use crate::Result;
use crate::model::FoldIn;
use crate::ratings::Side;
use crate::train::candidate::Candidate;
use crate::train::choices::Algorithm;
use crate::train::engine::Engine;
use crate::train::problem::Problem;
use crate::train::row::Update;
use serde::{Deserialize, Serialize};

/// An algorithm with all its parameters decided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::train) enum Method {
    Sgd(Sgd),
    Als(Als),
    Bayes(Box<Bayes>),
    Ials(Ials),
}

impl Method {
    /// The algorithm of a candidate before its first epoch. `is_warm` says whether training begins from a
    /// model; `precision` is that of the ratings in standard units if the same algorithm trained that model.
    pub(in crate::train) fn new(candidate: &Candidate, is_warm: bool, precision: Option<f64>) -> Self {
        match candidate.settings().algorithm {
            Algorithm::Sgd => Self::Sgd(Sgd::new(candidate, is_warm)),
            Algorithm::Als => Self::Als(Als::new(candidate)),
            Algorithm::Bayes => Self::Bayes(Box::new(Bayes::new(candidate, precision))),
            Algorithm::Ials => Self::Ials(Ials::new(candidate)),
        }
    }

    pub(in crate::train) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Sgd(_) => Algorithm::Sgd,
            Self::Als(_) => Algorithm::Als,
            Self::Bayes(_) => Algorithm::Bayes,
            Self::Ials(_) => Algorithm::Ials,
        }
    }

    /// Runs epoch `number`, counted from 1, beginning with stage `first`. Returns the stage to resume at if
    /// it was paused.
    pub(in crate::train) fn epoch(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        (number, first): (usize, usize),
        pause: &mut Pause,
    ) -> Result<Option<usize>> {
        match self {
            Self::Sgd(sgd) => sgd.epoch(engine, problem, (number, first), pause),
            Self::Als(als) => als.epoch(engine, first, pause),
            Self::Bayes(bayes) => bayes.epoch(engine, problem, (number, first), pause),
            Self::Ials(ials) => ials.epoch(engine, first, pause),
        }
    }

    /// How far above zero training places the mean, in standard units.
    pub(in crate::train) fn offset(&self) -> f32 {
        match self {
            Self::Sgd(sgd) => sgd.start.offset(),
            Self::Als(_) | Self::Bayes(_) | Self::Ials(_) => 0.0,
        }
    }

    /// The learning rate, if the algorithm has one.
    pub(in crate::train) fn learning_rate(&self) -> Option<f32> {
        match self {
            Self::Sgd(sgd) => Some(sgd.learning_rate),
            Self::Als(_) | Self::Bayes(_) | Self::Ials(_) => None,
        }
    }

    /// Halves the learning rate and returns it; `None` if the algorithm has none.
    pub(in crate::train) fn slow_down(&mut self) -> Option<f32> {
        match self {
            Self::Sgd(sgd) => {
                sgd.learning_rate /= 2.0;
                Some(sgd.learning_rate)
            }
            Self::Als(_) | Self::Bayes(_) | Self::Ials(_) => None,
        }
    }

    /// Whether rows have weights, because the ratings of some are more precise than those of others.
    pub(in crate::train) fn has_weights(&self) -> bool {
        matches!(self, Self::Bayes(_))
    }

    /// Whether the prior of a row is centred on the origin of the factors in training.
    pub(in crate::train) fn believes_in_the_origin(&self) -> bool {
        !matches!(self, Self::Bayes(_))
    }

    /// The update of an epoch that sums gradients and moves nothing; `None` if the algorithm keeps no
    /// gradient sums.
    pub(in crate::train) fn settling(&self, problem: &Problem, side: Side) -> Option<Update> {
        match self {
            Self::Sgd(sgd) => Some(Update::Sgd(sgd.settling(problem, side))),
            Self::Als(_) | Self::Bayes(_) | Self::Ials(_) => None,
        }
    }

    /// The prior of rows that are folded in later, in training's standard units.
    pub(in crate::train) fn fold_in(&self, problem: &Problem, factors: usize) -> FoldIn {
        match self {
            Self::Sgd(sgd) => sgd.fold_in(problem, factors),
            Self::Als(als) => als.fold_in(factors),
            Self::Bayes(bayes) => bayes.fold_in(factors),
            Self::Ials(ials) => ials.fold_in(),
        }
    }
}
