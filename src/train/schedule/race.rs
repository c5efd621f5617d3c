//! The race of candidates: a handful of settings run a few epochs each, the better half stays, and finally
//! the best one wins (successive halving: Jamieson, Talwalkar 2016, "Non-stochastic best arm identification
//! and hyperparameter optimization").

use super::fit::{Fit, FitPlan, Reached};
use super::opened::Opened;
use crate::train::candidate::Candidate;
use crate::train::criterion::Score;
use crate::train::engine::Saved;
use crate::train::event::{Event, Phase};
use crate::train::monitor::Monitor;
use crate::train::state::State;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// After each of these total numbers of epochs the better half of the field stays; after the last one, the
/// best candidate.
pub(super) const RUNGS: [usize; 2] = [8, 16];

/// A candidate with its run and its state.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Runner {
    fit: Fit,
    state: Saved,
    candidate: Candidate,
}

/// A race that has not finished.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Race {
    runners: Vec<Runner>,
    rungs: Vec<usize>,
    /// The current rung, and the runner whose turn it is.
    rung: usize,
    turn: usize,
}

impl Race {
    /// A race of candidates over rungs. Each candidate comes with its initial state and its plan.
    pub(super) fn new(
        opened: &mut Opened,
        field: impl Iterator<Item = (Candidate, State, FitPlan)>,
        rungs: &[usize],
    ) -> Result<Self> {
        let mut runners = Vec::new();
        for (candidate, state, plan) in field {
            let state = Saved::Host(state);
            opened.restore(&candidate, &state)?;
            let fit = Fit::new(opened.engine()?, FitPlan { phase: Phase::Race, ..plan })?;
            runners.push(Runner { fit, state, candidate });
        }
        Ok(Self { runners, rungs: rungs.to_vec(), rung: 0, turn: 0 })
    }

    /// Whether the race holds a state that would be lost with the device.
    pub(super) fn is_on_device(&self) -> bool {
        self.runners.iter().any(|runner| runner.state.is_on_device() || runner.fit.is_on_device())
    }

    /// Moves all states to host memory.
    pub(super) fn to_host(&mut self) -> Result<()> {
        self.runners.iter_mut().try_for_each(|runner| {
            runner.state.to_host()?;
            runner.fit.to_host()
        })
    }

    /// The run whose turn it is.
    pub(super) fn runner(&self) -> Option<&Fit> {
        self.runners.get(self.turn).map(|runner| &runner.fit)
    }

    /// Runs the race until it ends, or until the state is to be kept.
    pub(super) fn advance(&mut self, opened: &mut Opened, monitor: &mut dyn Monitor) -> Result<Reached> {
        while let Some(&rung) = self.rungs.get(self.rung) {
            let most = self.runners.iter().map(|runner| runner.fit.plan.epochs).max();
            let until = rung.min(most.unwrap_or(rung));
            while self.turn < self.runners.len() {
                if self.take_turn(opened, until, monitor)? == Reached::Keep {
                    return Ok(Reached::Keep);
                }
                self.turn += 1;
            }
            self.select(monitor);
            (self.rung, self.turn) = (self.rung + 1, 0);
        }
        Ok(Reached::End)
    }

    /// The winner of a race that has ended. Restores its state on the engine.
    pub(super) fn winner(mut self, opened: &mut Opened) -> Result<(Fit, Candidate)> {
        let winner = self.runners.swap_remove(0);
        if winner.fit.curve.epochs.is_empty() && !winner.fit.within_epoch {
            return Err(Error::Diverged(
                "every setting of the race diverged; try a lower `training.learning_rate`".into(),
            ));
        }
        opened.restore(&winner.candidate, &winner.state)?;
        Ok((winner.fit, winner.candidate))
    }

    fn take_turn(&mut self, opened: &mut Opened, until: usize, monitor: &mut dyn Monitor) -> Result<Reached> {
        let runner = &mut self.runners[self.turn];
        opened.restore(&runner.candidate, &runner.state)?;
        let (engine, problem) = opened.parts()?;
        let reached = match runner.fit.advance(engine, problem, until, monitor) {
            Err(Error::Diverged(_)) => {
                runner.fit.ended = true;
                Reached::End
            }
            result => result?,
        };
        runner.state = Saved::default();
        runner.state = engine.save()?;
        Ok(reached)
    }

    /// Ends a rung: the better candidates stay.
    fn select(&mut self, monitor: &mut dyn Monitor) {
        let last = self.rung == self.rungs.len() - 1;
        let runners = &mut self.runners;
        runners.sort_by(|a, b| order(a.fit.curve.best_score(), b.fit.curve.best_score()));
        let kept = if last { 1 } else { runners.len().div_ceil(2) };
        let mut stopped = false;
        for (place, runner) in runners.iter().enumerate() {
            let event = Event::Raced {
                candidate: runner.candidate.clone(),
                epochs: runner.fit.curve.epochs.len(),
                held_out: runner.fit.curve.best_score(),
                kept: place < kept,
            };
            stopped |= monitor.report(&event);
        }
        runners.truncate(kept);
        runners.iter_mut().for_each(|runner| runner.fit.ended |= stopped);
    }
}

/// Orders better scores first and missing ones last.
fn order(a: Option<Score>, b: Option<Score>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.order(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}
