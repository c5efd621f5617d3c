//! The race of candidates: a handful of settings run a few epochs each, the better half stays, and finally
//! the best one wins (successive halving: Jamieson, Talwalkar 2016, "Non-stochastic best arm identification
//! and hyperparameter optimization"). A winner at the edge of the field is followed beyond it, step by step,
//! as long as that is clearly better; then candidates with more factors are tried in the same way.

use super::field::beyond;
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

/// A step beyond the edge of the field must gain this fraction of the score. Held-out ratings say little of rows
/// that have few ratings, which suffer first where regularization is too low; so what is far outside needs clear
/// evidence.
const GAIN: f64 = 0.01;

/// More factors must gain this fraction of the score. Scores of candidates that differ in nothing else are close
/// to each other, and so are their errors.
const GAIN_OF_FACTORS: f64 = 0.005;

/// A candidate with its run and its state.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Runner {
    fit: Fit,
    state: Saved,
    candidate: Candidate,
}

/// What a candidate starts with.
pub(super) type Entry = (Candidate, State, FitPlan);

/// A candidate with its best score.
pub(super) type Scored = (Candidate, Score);

/// Makes the entry of a candidate.
pub(super) type Enter<'a> = dyn Fn(Candidate) -> Entry + 'a;

/// Names the larger candidates to try after a winner.
pub(super) type Larger<'a> = dyn Fn(&Candidate, &[Scored]) -> Vec<Candidate> + 'a;

/// A race that has not finished.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Race {
    /// Those that are in the race; behind the last rung the winner, and those from beyond the field while they run.
    runners: Vec<Runner>,
    /// All candidates that took part.
    field: Vec<Candidate>,
    /// The best scores of those that have run to a rung.
    scores: Vec<Scored>,
    rungs: Vec<usize>,
    /// The current rung, and the runner whose turn it is.
    rung: usize,
    turn: usize,
    /// Whether a step beyond the edge was no better, so that larger candidates are next.
    inside: bool,
    /// Whether nothing beyond the field was better.
    settled: bool,
}

impl Race {
    /// A race of candidates over rungs. Each candidate comes with its initial state and its plan.
    pub(super) fn new(
        opened: &mut Opened,
        entries: impl Iterator<Item = Entry>,
        rungs: &[usize],
    ) -> Result<Self> {
        let (runners, field, scores) = (Vec::new(), Vec::new(), Vec::new());
        let rungs = rungs.to_vec();
        let mut race =
            Self { runners, field, scores, rungs, rung: 0, turn: 0, inside: false, settled: false };
        for entry in entries {
            race.enter(opened, entry)?;
        }
        Ok(race)
    }

    fn enter(&mut self, opened: &mut Opened, (candidate, state, plan): Entry) -> Result<()> {
        let state = Saved::Host(state);
        opened.restore(&candidate, &state)?;
        let fit = Fit::new(opened.engine()?, FitPlan { phase: Phase::Race, ..plan })?;
        self.field.push(candidate.clone());
        self.runners.push(Runner { fit, state, candidate });
        Ok(())
    }

    /// Whether the race holds a state that would be lost with the device.
    pub(super) fn is_on_device(&self) -> bool {
        self.runners.iter().any(|runner| runner.state.is_on_device() || runner.fit.is_on_device())
    }

    /// Moves all states to host memory.
    pub(super) fn bring_to_host(&mut self) -> Result<()> {
        self.runners.iter_mut().try_for_each(|runner| {
            runner.state.bring_to_host()?;
            runner.fit.bring_to_host()
        })
    }

    /// The run whose turn it is.
    pub(super) fn runner(&self) -> Option<&Fit> {
        self.runners.get(self.turn).map(|runner| &runner.fit)
    }

    /// Runs the race until it ends, or until the state is to be kept. `enter` makes the entry of a candidate
    /// from beyond the field; `larger` names the larger candidates to try after a winner.
    pub(super) fn advance(
        &mut self,
        opened: &mut Opened,
        (enter, larger): (&Enter, &Larger),
        monitor: &mut dyn Monitor,
    ) -> Result<Reached> {
        while let Some(&rung) = self.rungs.get(self.rung) {
            if self.run_to(rung, opened, monitor)? == Reached::Keep {
                return Ok(Reached::Keep);
            }
            self.select(monitor);
            (self.rung, self.turn) = (self.rung + 1, 0);
        }
        let Some(&last) = self.rungs.last() else { return Ok(Reached::End) };
        while !self.settled && !monitor.stopped() {
            if self.runners.len() == 1 {
                let winner = &self.runners[0].candidate;
                let mut next: Vec<Candidate> =
                    beyond(&self.field, winner).filter(|_| !self.inside).into_iter().collect();
                if next.is_empty() {
                    self.inside = true;
                    next = larger(winner, &self.scores);
                    next.retain(|candidate| !self.field.contains(candidate));
                }
                if next.is_empty() {
                    break;
                }
                next.into_iter().try_for_each(|next| self.enter(opened, enter(next)))?;
                self.turn = 1;
            }
            if self.inside {
                // More factors take longer, and show early whether they are better.
                let early = last.div_ceil(2);
                if self.run_to(early, opened, monitor)? == Reached::Keep {
                    return Ok(Reached::Keep);
                }
                self.give_up(early);
                self.turn = 1;
            }
            if self.run_to(last, opened, monitor)? == Reached::Keep {
                return Ok(Reached::Keep);
            }
            self.runners[1..].sort_by(|a, b| order(a.fit.curve.best_score(), b.fit.curve.best_score()));
            let [winner, further] = [0, 1].map(|n: usize| self.runners[n].fit.curve.best_score());
            let gain = further.zip(winner).map_or(0.0, |(further, winner)| further.gain_over(&winner));
            if gain >= self.least_gain() {
                self.runners.swap(0, 1);
            } else {
                (self.inside, self.settled) = (true, self.inside);
            }
            self.keep_first(1, monitor);
        }
        Ok(Reached::End)
    }

    /// The fraction that the next step must gain.
    fn least_gain(&self) -> f64 {
        if self.inside { GAIN_OF_FACTORS } else { GAIN }
    }

    /// Ends the runs from beyond the field that were no better than the winner after so many epochs.
    fn give_up(&mut self, epochs: usize) {
        let best = |runner: &Runner| {
            let scores = runner.fit.curve.epochs.iter().take(epochs).filter_map(|epoch| epoch.held_out);
            scores.min_by(Score::order)
        };
        let least = self.least_gain();
        let Some(winner) = best(&self.runners[0]) else { return };
        for runner in &mut self.runners[1..] {
            runner.fit.ended |= best(runner).is_none_or(|score| score.gain_over(&winner) < least);
        }
    }

    /// Runs all whose turn is yet to come up to so many epochs.
    fn run_to(&mut self, rung: usize, opened: &mut Opened, monitor: &mut dyn Monitor) -> Result<Reached> {
        let most = self.runners.iter().map(|runner| runner.fit.plan.epochs).max();
        let until = rung.min(most.unwrap_or(rung));
        while self.turn < self.runners.len() {
            monitor.report(&self.turn_begins(until));
            if self.take_turn(opened, until, monitor)? == Reached::Keep {
                return Ok(Reached::Keep);
            }
            self.turn += 1;
        }
        Ok(Reached::End)
    }

    /// The event that the turn of a runner begins, up to so many epochs.
    fn turn_begins(&self, until: usize) -> Event {
        let ran = |runner: &Runner| runner.fit.curve.epochs.len();
        let to_run = |runner: &Runner| if runner.fit.ended { 0 } else { until.saturating_sub(ran(runner)) };
        let mut left: usize = self.runners[self.turn..].iter().map(to_run).sum();
        // Behind the last rung the winner waits in front of those from beyond the field.
        let in_front = usize::from(self.rung >= self.rungs.len());
        let (mut runners, mut before) = (self.runners.len(), until);
        for &rung in self.rungs.iter().skip(self.rung + 1) {
            runners = runners.div_ceil(2);
            left += runners * rung.saturating_sub(before);
            before = rung;
        }
        let (number, of) = ((self.turn + 1).saturating_sub(in_front), self.runners.len() - in_front);
        Event::Turn { number, of, from: ran(&self.runners[self.turn]), until, left }
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
        let last = self.rung + 1 >= self.rungs.len();
        self.runners.sort_by(|a, b| order(a.fit.curve.best_score(), b.fit.curve.best_score()));
        self.keep_first(if last { 1 } else { self.runners.len().div_ceil(2) }, monitor);
    }

    /// Reports all, and keeps the first ones.
    fn keep_first(&mut self, kept: usize, monitor: &mut dyn Monitor) {
        let runners = &mut self.runners;
        for runner in &*runners {
            self.scores.retain(|(candidate, _)| *candidate != runner.candidate);
            self.scores.extend(runner.fit.curve.best_score().map(|score| (runner.candidate.clone(), score)));
        }
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
