//! The part that search and refit share: ratings in standard units, initial states, and the delivered
//! factors.

use super::keeping::Keeping;
use super::opened::Opened;
use crate::comm::Share;
use crate::model::Factors;
use crate::ratings::{LeftOut, Ratings, Scale, Staging};
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
    /// The problem of the ratings that are not left out; of a rank, its part of it.
    pub(super) fn problem(&self, left_out: LeftOut, held_out: &Ratings) -> Result<Problem> {
        let Some(comm) = self.training.comm else {
            return self.problem_of(left_out, held_out, Share::ALL);
        };
        if self.training.ratings.held().is_none() {
            // Each rank has a copy of its own part only.
            return self.problem_of(left_out, held_out, comm.share());
        }
        let whole = comm.once(&mut || Arc::new(self.problem_of(left_out, held_out, Share::ALL)))?;
        match whole.downcast_ref::<Result<Problem>>() {
            Some(Ok(whole)) => Ok(whole.of_rank(comm.share())),
            Some(Err(error)) => Err(Error::Bug(error.to_string())),
            None => Err(Error::Bug("no problem in common".into())),
        }
    }

    fn problem_of(&self, left_out: LeftOut, held_out: &Ratings, share: Share) -> Result<Problem> {
        let Training { ratings, size, test, .. } = self.training;
        let own = |row: u32| share.owns(row);
        let staged = ratings.staged(
            left_out,
            &Staging {
                size,
                stages: self.settings.epoch_stages().unwrap_or(1).min(size.users).max(1),
                scale: self.scale,
                seed: self.settings.seed,
                own: if share.is_all() { None } else { Some(&own) },
            },
        )?;
        let problem = Problem { share, ..Problem::of(staged, held_out, self.scale) };
        let problem = match self.relevant_from {
            Some(from) => problem.with_relevant(held_out, test, from),
            None => problem,
        };
        Ok(match test {
            Some(test) => problem.with_test(test, self.scale),
            None => problem,
        })
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
