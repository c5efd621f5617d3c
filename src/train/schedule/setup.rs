//! The part that search and refit share: ratings in standard units, initial states, and the delivered
//! factors.

use super::keeping::Keeping;
use super::opened::Opened;
use crate::model::Factors;
use crate::ratings::{Kept, Ratings, Scale};
use crate::train::algorithm::Method;
use crate::train::candidate::Candidate;
use crate::train::deliver::checked;
use crate::train::engine::{Engine, OpenEngine};
use crate::train::event::Event;
use crate::train::monitor::Monitor;
use crate::train::problem::Problem;
use crate::train::settings::Settings;
use crate::train::state::State;
use crate::train::training::Training;
use crate::{Error, Result};
use std::sync::Arc;

/// Ratings and settings; some settings may be open.
pub(super) struct Setup<'a> {
    pub(super) training: Training<'a>,
    pub(super) settings: Settings,
    pub(super) scale: Scale,
    /// The lowest rating that makes its item relevant to its user; `None` unless lists are measured.
    pub(super) relevant_from: Option<f32>,
}

impl Setup<'_> {
    /// The problem of these ratings; of a rank, its part of it.
    pub(super) fn problem<'k>(&self, kept: impl Into<Kept<'k>>, held_out: &Ratings) -> Result<Problem> {
        let Some(comm) = self.training.comm else { return Ok(self.whole_problem(kept, held_out)) };
        let kept = kept.into();
        let whole = comm.once(&mut || Arc::new(self.whole_problem(kept, held_out)))?;
        let whole = whole.downcast_ref::<Problem>();
        whole
            .map(|whole| whole.of_rank(comm.share()))
            .ok_or_else(|| Error::Bug("no problem in common".into()))
    }

    fn whole_problem<'k>(&self, kept: impl Into<Kept<'k>>, held_out: &Ratings) -> Problem {
        let stages = (self.settings.epoch_stages().unwrap_or(1), self.settings.seed);
        let problem = Problem::new(kept, held_out, self.training.size, self.scale, stages);
        let test = self.training.test;
        let problem = match self.relevant_from {
            Some(from) => problem.with_relevant(held_out, test, from),
            None => problem,
        };
        match test {
            Some(test) => problem.with_test(test, self.scale),
            None => problem,
        }
    }

    /// The algorithm with the parameters of a candidate, before its first epoch.
    pub(super) fn method(&self, candidate: &Candidate) -> Method {
        let algorithm = candidate.settings().algorithm;
        let warm = self.training.warm;
        let precision = warm.and_then(|warm| warm.precision(self.scale, algorithm));
        Method::new(candidate, warm.is_some(), precision)
    }

    /// The initial state of a candidate.
    pub(super) fn start(&self, problem: &Problem, candidate: &Candidate) -> State {
        let settings = candidate.settings();
        let (factors, warm) = (settings.factors(), self.training.warm);
        let interval = (settings.algorithm.definition().interval)(candidate, factors, warm.is_some());
        let fresh = State::start(&problem.staged.position, factors, interval, settings.seed);
        match warm {
            Some(warm) => warm.state((fresh, interval.1), problem, self.scale, &self.method(candidate)),
            None => fresh,
        }
    }

    /// Opens an engine, and reports it.
    pub(super) fn open<'o, 'p>(
        &self,
        open: &'o mut OpenEngine<'p>,
        problem: Problem,
        candidate: &Candidate,
        keeping: &mut Keeping,
    ) -> Result<Opened<'o, 'p>> {
        let state = self.start(&problem, candidate);
        let mut opened = Opened::new(open, self.training.comm, problem, &state)?;
        let (engine, problem) = opened.parts()?;
        keeping.guard(engine.can_fail());
        let (ratings, held_out) = (problem.staged.ratings, problem.held_out.len());
        keeping.report(&Event::Ready { device: engine.device(), ratings, held_out });
        Ok(opened)
    }

    /// Prepares an engine for its first epoch.
    pub(super) fn begin(&self, opened: &mut Opened, candidate: &Candidate) -> Result<()> {
        let (engine, problem) = opened.parts()?;
        match self.training.warm {
            Some(warm) => warm.settle_steps(engine, problem, &self.method(candidate)),
            None => Ok(()),
        }
    }

    /// The engine's state as the factors of a model.
    ///
    /// # Errors
    /// [`Error::Diverged`](crate::Error::Diverged) if it is not finite, or its scores need not be, and those of the engine.
    pub(super) fn deliver(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        method: &Method,
    ) -> Result<Factors> {
        checked(&engine.state()?, problem, self.scale, method)
    }
}
