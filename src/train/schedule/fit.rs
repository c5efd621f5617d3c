//! The one training loop: epochs on an engine, early stopping, and recovery from divergence.

use super::chain::Chain;
use crate::model::Factors;
use crate::train::algorithm::Method;
use crate::train::criterion::{Criterion, Measured};
use crate::train::curve::{Curve, Epoch};
use crate::train::engine::{Engine, Saved};
use crate::train::event::{Event, Phase};
use crate::train::monitor::{Monitor, Step};
use crate::train::problem::{Problem, Set};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// Training fails after more roll-backs than this.
const ROLL_BACKS: usize = 6;

/// An error of more than this many times the lowest one is divergence.
const GROWTH: f64 = 1.5;

/// An error below this fraction of the ratings' deviation is never divergence: there is nothing left to fit.
const NEGLIGIBLE: f64 = 1e-3;

/// If the best factors need not be kept, good ones are saved every so many epochs.
const KEEP_EVERY: usize = 5;

/// The plan of one run of the loop.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FitPlan {
    /// The phase that the run belongs to.
    pub(super) phase: Phase,
    /// The largest number of epochs.
    pub(super) epochs: usize,
    /// Stop after this many epochs without a better score on the held-out ratings; `None` runs all epochs.
    pub(super) patience: Option<usize>,
    /// Whether to restore the factors of the best epoch at the end, rather than only know its number.
    pub(super) keep_best: bool,
    /// The work of an epoch.
    pub(super) method: Method,
    /// The criterion that chooses the best epoch.
    pub(super) criterion: Criterion,
    /// Collects the draws, if epochs are draws.
    pub(super) chain: Option<Chain>,
    /// Rating units per standard unit.
    pub(super) deviation: f64,
}

/// The reason why the loop returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// It has finished.
    End,
    /// The state is to be kept before training continues.
    Keep,
}

/// The result of an epoch.
enum Ran {
    Whole(Epoch),
    /// The state is to be kept before the epoch continues.
    Keep,
    /// The observer ended training.
    Stopped,
}

/// A run of the loop, which can be interrupted and resumed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Fit {
    pub(super) plan: FitPlan,
    pub(super) curve: Curve,
    good: Saved,
    good_epoch: usize,
    roll_backs: usize,
    /// The next stage of an unfinished epoch, and the seconds that its earlier stages took.
    next_stage: usize,
    seconds: f64,
    /// Whether the observer ended the run within an epoch.
    pub(super) within_epoch: bool,
    /// Whether early stopping or the observer ended the run.
    pub(super) ended: bool,
}

impl Fit {
    /// Begins at the current state of `engine`.
    pub(super) fn new(engine: &mut dyn Engine, plan: FitPlan) -> Result<Self> {
        // A chain is never rolled back.
        let good = if plan.chain.is_some() { Saved::default() } else { engine.save()? };
        Ok(Self {
            plan,
            curve: Curve::default(),
            good,
            good_epoch: 0,
            roll_backs: 0,
            next_stage: 0,
            seconds: 0.0,
            within_epoch: false,
            ended: false,
        })
    }

    /// Runs until `until` epochs are done, or until the run ends.
    pub(super) fn advance(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        until: usize,
        monitor: &mut dyn Monitor,
    ) -> Result<Reached> {
        while !self.ended && self.curve.epochs.len() < until {
            let epoch = match self.epoch(engine, problem, monitor)? {
                Ran::Whole(epoch) => epoch,
                Ran::Keep => return Ok(Reached::Keep),
                Ran::Stopped => {
                    (self.ended, self.within_epoch) = (true, true);
                    break;
                }
            };
            if self.diverged(problem, &epoch) {
                self.roll_back(engine, epoch.epoch, monitor)?;
                continue;
            }
            self.curve.epochs.push(epoch);
            let best = self.curve.best().map_or(0, |best| best.epoch);
            let good = if self.plan.keep_best { best == epoch.epoch } else { epoch.epoch % KEEP_EVERY == 0 };
            if good && self.plan.chain.is_none() {
                // Drop the old state first: two at a time would be the peak of training's memory.
                self.good = Saved::default();
                self.good = engine.save()?;
                self.good_epoch = epoch.epoch;
            }
            let stop = monitor.report(&Event::Epoch { phase: self.plan.phase, epoch });
            let waited = self.plan.patience.is_some_and(|patience| epoch.epoch - best >= patience);
            self.ended = stop || (waited && epoch.held_out.is_some());
            if monitor.due(Step::Epoch) {
                return Ok(Reached::Keep);
            }
        }
        Ok(Reached::End)
    }

    /// Switches to `phase`, and reports the epochs that a race has already run.
    pub(super) fn search(&mut self, phase: Phase, monitor: &mut dyn Monitor) {
        self.plan.phase = phase;
        for &epoch in &self.curve.epochs {
            self.ended |= monitor.report(&Event::Epoch { phase, epoch });
        }
    }

    /// Whether the run holds a state that would be lost with the device.
    pub(super) fn is_on_device(&self) -> bool {
        self.good.is_on_device()
    }

    /// Moves all states to host memory.
    pub(super) fn bring_to_host(&mut self) -> Result<()> {
        self.good.bring_to_host()
    }

    /// Leaves the engine with the factors that count: the best ones if they were kept, else the latest. Also
    /// returns the draws that a chain kept.
    pub(super) fn finish(self, engine: &mut dyn Engine) -> Result<(Curve, Vec<Factors>)> {
        let behind = self.within_epoch || self.good_epoch < self.curve.epochs.len();
        if self.plan.keep_best && behind && self.good_epoch > 0 {
            engine.go_back(&self.good)?;
        }
        Ok((self.curve, self.plan.chain.map_or(Vec::new(), |chain| chain.kept)))
    }

    /// Runs one epoch, or the rest of one.
    fn epoch(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        monitor: &mut dyn Monitor,
    ) -> Result<Ran> {
        let number = self.curve.epochs.len() + 1;
        let phase = self.plan.phase;
        let begun = Instant::now();
        let mut keep = false;
        let mut stop = |stage| {
            let stop = monitor.report(&Event::Stage { phase, epoch: number, stage });
            keep = !stop && monitor.due(Step::Stage);
            stop || keep
        };
        let next = self.plan.method.epoch(engine, problem, (number, self.next_stage), &mut stop)?;
        if let Some(next) = next {
            self.next_stage = next;
            self.seconds += begun.elapsed().as_secs_f64();
            return Ok(if keep { Ran::Keep } else { Ran::Stopped });
        }
        let loss = engine.loss()?;
        let seconds = self.seconds + begun.elapsed().as_secs_f64();
        (self.next_stage, self.seconds) = (0, 0.0);
        let draws = match &mut self.plan.chain {
            Some(chain) => chain.add(engine, problem, &self.plan.method, number)?,
            None => 0,
        };
        let Self { plan: FitPlan { criterion, deviation, method, chain, .. }, .. } = self;
        let mut measure = |set| {
            let measured = match chain {
                Some(chain) => Measured::Predictions(chain.means(set, draws)),
                None => Measured::State(engine, method.offset()),
            };
            criterion.measure(measured, problem, set, *deviation)
        };
        Ok(Ran::Whole(Epoch {
            epoch: number,
            train_rmse: *deviation * (loss / problem.staged.ratings as f64).sqrt(),
            held_out: measure(Set::HeldOut)?,
            test: measure(Set::Test)?,
            draws,
            learning_rate: method.learning_rate(),
            seconds,
            ratings_per_second: problem.staged.ratings as f64 / seconds.max(1e-9),
        }))
    }

    /// Whether an error is NaN, or has grown far beyond the lowest one so far. Early errors are compared with
    /// the error of predicting the mean.
    fn diverged(&self, problem: &Problem, epoch: &Epoch) -> bool {
        let FitPlan { criterion, deviation, ref method, .. } = self.plan;
        if method.learning_rate().is_none() {
            // Exact updates cannot diverge, and their early errors may be large.
            let held_out = epoch.held_out.map_or(0.0, |score| score.value);
            return !(epoch.train_rmse.is_finite() && held_out.is_finite());
        }
        let grown = |error: f64, of_nothing: f64, of: fn(&Epoch) -> Option<f64>| {
            let lowest = self.curve.epochs.iter().filter_map(of).fold(of_nothing, f64::min);
            let bearable = (GROWTH * lowest).max(NEGLIGIBLE * deviation);
            error.is_nan() || error > bearable
        };
        let of_the_mean = deviation * 1.0_f64.hypot(method.offset().into());
        let held_out = epoch.held_out.and_then(|score| {
            Some((score.value, criterion.of_nothing(problem, deviation, method.offset())?))
        });
        grown(epoch.train_rmse, of_the_mean, |epoch| Some(epoch.train_rmse))
            || held_out.is_some_and(|(error, of_nothing)| {
                grown(error, of_nothing, |epoch| epoch.held_out.map(|score| score.value))
            })
    }

    fn roll_back(&mut self, engine: &mut dyn Engine, epoch: usize, monitor: &mut dyn Monitor) -> Result<()> {
        self.roll_backs += 1;
        let learning_rate = self.plan.method.learning_rate();
        let Some(slower) = self.plan.method.slow_down() else {
            return Err(Error::Diverged(format!(
                "epoch {epoch} ended with numbers that are not finite; try a higher `training.regularization`"
            )));
        };
        engine.go_back(&self.good)?;
        self.curve.epochs.truncate(self.good_epoch);
        if self.roll_backs > ROLL_BACKS {
            return Err(Error::Diverged(format!(
                "training diverged in epoch {epoch} after {ROLL_BACKS} roll-backs, last with a learning rate of {}; \
                 try a lower `training.learning_rate` or a higher `training.regularization`",
                learning_rate.unwrap_or_default()
            )));
        }
        let event = Event::RolledBack { epoch, to: self.good_epoch, learning_rate: slower };
        if monitor.report(&event) {
            self.ended = true;
        }
        Ok(())
    }

    /// The mean predictions of a chain for the held-out ratings; `None` without a chain or a draw that
    /// counts.
    pub(super) fn chain_means(&self) -> Option<Vec<f64>> {
        let draws = self.curve.epochs.last().map_or(0, |last| last.draws);
        self.plan.chain.as_ref().filter(|_| draws > 0).map(|chain| chain.means(Set::HeldOut, draws))
    }
}
