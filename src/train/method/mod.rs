//! What each algorithm does in an epoch: which sweeps, with which numbers.

mod als;
mod bayes;
mod hyper;
mod sgd;
mod views;

pub(super) use als::Als;
pub(super) use bayes::{Bayes, BayesPlan, ROW_FREEDOM};
pub(super) use sgd::Sgd;
pub(super) use views::{shared, view_numbers};

use super::engine::Engine;
use super::problem::Problem;
use crate::Result;
use crate::model::FoldIn;
use serde::{Deserialize, Serialize};

/// An algorithm with its numbers decided, and what it keeps from epoch to epoch beside the factors.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Method {
    Sgd(Sgd),
    Als(Als),
    Bayes(Box<Bayes>),
}

/// Asked after each stage of an epoch, by its number, whether to stop.
pub(super) type Stop<'a> = dyn FnMut(usize) -> bool + 'a;

impl Method {
    /// Runs epoch `number`, from 1, from stage `first` on; the stage to go on with if it was stopped.
    pub(super) fn epoch(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        (number, first): (usize, usize),
        stop: &mut Stop,
    ) -> Result<Option<usize>> {
        match self {
            Self::Sgd(sgd) => sgd.epoch(engine, problem, (number, first), stop),
            Self::Als(als) => als.epoch(engine, first, stop),
            Self::Bayes(bayes) => bayes.epoch(engine, problem, (number, first), stop),
        }
    }

    /// By how much training sees the mean above zero, in standard units.
    pub(super) fn offset(&self) -> f32 {
        match self {
            Self::Sgd(sgd) => sgd.start.offset(),
            Self::Als(_) | Self::Bayes(_) => 0.0,
        }
    }

    /// The learning rate, of an algorithm that has one.
    pub(super) fn learning_rate(&self) -> Option<f32> {
        match self {
            Self::Sgd(sgd) => Some(sgd.learning_rate),
            Self::Als(_) | Self::Bayes(_) => None,
        }
    }

    /// Halves the learning rate, and gives it; `None` if there is none.
    pub(super) fn slow_down(&mut self) -> Option<f32> {
        match self {
            Self::Sgd(sgd) => {
                sgd.learning_rate /= 2.0;
                Some(sgd.learning_rate)
            }
            Self::Als(_) | Self::Bayes(_) => None,
        }
    }

    /// What a row that is folded in later is drawn to, in the numbers of training.
    pub(super) fn fold_in(&self, problem: &Problem, factors: usize) -> FoldIn {
        match self {
            Self::Sgd(sgd) => sgd.fold_in(problem, factors),
            Self::Als(als) => als.fold_in(factors),
            Self::Bayes(bayes) => bayes.fold_in(factors),
        }
    }
}
