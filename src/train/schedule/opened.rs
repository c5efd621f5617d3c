//! An engine that is reopened when the next candidate has another number of factors.

use crate::comm::Comm;
use crate::train::candidate::Candidate;
use crate::train::engine::{Engine, OpenEngine, Ranked, Saved};
use crate::train::problem::Problem;
use crate::train::state::State;
use crate::{Error, Result};
use std::sync::Arc;

/// A problem on an engine with buffers for rows of `factors` factors.
pub(super) struct Opened<'a, 'b> {
    open: &'a mut OpenEngine<'b>,
    comm: Option<Arc<dyn Comm>>,
    pub(super) problem: Arc<Problem>,
    engine: Option<Box<dyn Engine>>,
    factors: usize,
}

impl<'a, 'b> Opened<'a, 'b> {
    /// Opens an engine that starts from a state.
    pub(super) fn new(
        open: &'a mut OpenEngine<'b>,
        comm: Option<&Arc<dyn Comm>>,
        problem: Problem,
        state: &State,
    ) -> Result<Self> {
        let (comm, problem, factors) = (comm.cloned(), Arc::new(problem), state.users.factors.columns());
        let mut this = Self { open, comm, problem, engine: None, factors };
        this.open(state)?;
        Ok(this)
    }

    /// Opens an engine that starts from a state; where there are ranks, that of this rank.
    fn open(&mut self, state: &State) -> Result<()> {
        let engine = (self.open)(Arc::clone(&self.problem), state)?;
        self.engine = Some(match &self.comm {
            Some(comm) => Box::new(Ranked::new(engine, Arc::clone(comm), Arc::clone(&self.problem))),
            None => engine,
        });
        Ok(())
    }

    /// The engine and the problem that it trains on.
    pub(super) fn parts(&mut self) -> Result<(&mut dyn Engine, &Problem)> {
        match &mut self.engine {
            Some(engine) => Ok((&mut **engine, &self.problem)),
            None => Err(Error::Bug("no engine is open".into())),
        }
    }

    /// The engine.
    pub(super) fn engine(&mut self) -> Result<&mut dyn Engine> {
        self.parts().map(|(engine, _)| engine)
    }

    /// Restores the saved state of a candidate. If the candidate has another number of factors than the
    /// engine, the engine is replaced by one of that size.
    pub(super) fn restore(&mut self, candidate: &Candidate, saved: &Saved) -> Result<()> {
        let factors = candidate.settings().factors();
        if factors == self.factors {
            return self.engine()?.go_back(saved);
        }
        let state = saved.state()?;
        self.engine = None;
        self.open(&state)?;
        self.factors = factors;
        Ok(())
    }
}
