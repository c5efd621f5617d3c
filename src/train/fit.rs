//! The one training loop: epochs over an engine, early stopping, and the way back from divergence.

use super::curve::{Curve, Epoch};
use super::engine::{Engine, EpochNumbers};
use super::event::{Event, Phase};
use super::problem::Problem;
use super::row::sgd::{EARLY, Numbers};
use super::settings::{Settings, Start};
use super::state::State;
use crate::ratings::Side;
use crate::{Error, Result};
use std::ops::ControlFlow;
use std::time::Instant;

/// After so many roll-backs training gives up.
const ROLL_BACKS: usize = 6;

/// An error so many times the lowest one is divergence.
const GROWTH: f64 = 1.5;

/// An error below this fraction of the ratings' deviation is none, however it grows: there is nothing left to learn.
const NEGLIGIBLE: f64 = 1e-3;

/// Where the best factors need not be kept, good ones are set aside every so many epochs.
const KEEP_EVERY: usize = 5;

/// What one run of the loop shall do.
#[derive(Debug, Clone, PartialEq)]
pub struct FitPlan {
    /// Which part of the whole this is.
    pub phase: Phase,
    /// At most so many epochs.
    pub epochs: usize,
    /// Stop after so many epochs without a better held-out RMSE; `None` runs them all.
    pub patience: Option<usize>,
    /// Whether the factors of the best epoch are wanted back, not only its number.
    pub keep_best: bool,
    /// Regularization of a row of average activity.
    pub regularization: f32,
    /// Where factors start.
    pub start: Start,
    /// The learning rate to begin with.
    pub learning_rate: f32,
    /// See [`Settings::power`].
    pub power: f32,
    /// How many factors there are.
    pub factors: usize,
    /// Rating units per standard unit.
    pub deviation: f64,
}

impl FitPlan {
    /// The plan for searching with `settings`, where regularization and start are decided.
    pub fn search(settings: &Settings, start: Start, regularization: f32, deviation: f64) -> Self {
        Self {
            phase: Phase::Search,
            epochs: settings.epochs,
            patience: Some(settings.patience),
            keep_best: false,
            regularization,
            start,
            learning_rate: settings.learning_rate,
            power: settings.power,
            factors: settings.factors,
            deviation,
        }
    }
}

/// Runs `plan` from the state `engine` is in.
///
/// # Errors
/// [`Error::Diverged`] after too many roll-backs; whatever the engine answers.
pub fn fit(
    engine: &mut dyn Engine,
    problem: &Problem,
    plan: &FitPlan,
    observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
) -> Result<Curve> {
    let mut fit = Fit::new(engine, plan.clone())?;
    fit.advance(engine, problem, plan.epochs, observe)?;
    fit.finish(engine)
}

/// A run of the loop that can be left and taken up again.
pub(super) struct Fit {
    plan: FitPlan,
    pub(super) curve: Curve,
    pub(super) learning_rate: f32,
    good: State,
    good_epoch: usize,
    roll_backs: usize,
    /// Whether the observer ended it within an epoch.
    pub(super) within_epoch: bool,
    /// Whether early stopping ended it, or the observer did.
    pub(super) ended: bool,
}

impl Fit {
    /// Begins at the state `engine` is in.
    pub(super) fn new(engine: &mut dyn Engine, plan: FitPlan) -> Result<Self> {
        let (good, learning_rate) = (engine.state()?, plan.learning_rate);
        Ok(Self {
            plan,
            curve: Curve::default(),
            learning_rate,
            good,
            good_epoch: 0,
            roll_backs: 0,
            within_epoch: false,
            ended: false,
        })
    }

    /// Goes on to `until` epochs, unless it ends before.
    pub(super) fn advance(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        until: usize,
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<()> {
        while !self.ended && self.curve.epochs.len() < until {
            let Some(epoch) = self.epoch(engine, problem, observe)? else {
                (self.ended, self.within_epoch) = (true, true);
                break;
            };
            if self.diverged(problem, &epoch) {
                self.roll_back(engine, epoch.epoch, observe)?;
                continue;
            }
            self.curve.epochs.push(epoch);
            let best = self.curve.best().map_or(0, |best| best.epoch);
            let good = if self.plan.keep_best { best == epoch.epoch } else { epoch.epoch % KEEP_EVERY == 0 };
            if good {
                self.good = engine.state()?;
                self.good_epoch = epoch.epoch;
            }
            let stop = observe(&Event::Epoch { phase: self.plan.phase, epoch }).is_break();
            let waited = self.plan.patience.is_some_and(|patience| epoch.epoch - best >= patience);
            self.ended = stop || (waited && epoch.held_out_rmse.is_some());
        }
        Ok(())
    }

    /// From here on it is the search; tells of the epochs that a race has run already.
    pub(super) fn search(&mut self, observe: &mut dyn FnMut(&Event) -> ControlFlow<()>) {
        self.plan.phase = Phase::Search;
        for &epoch in &self.curve.epochs {
            self.ended |= observe(&Event::Epoch { phase: Phase::Search, epoch }).is_break();
        }
    }

    /// Leaves the engine with the factors that count: the best ones if they were kept, else the latest.
    pub(super) fn finish(self, engine: &mut dyn Engine) -> Result<Curve> {
        let behind = self.within_epoch || self.good_epoch < self.curve.epochs.len();
        if self.plan.keep_best && behind && self.good_epoch > 0 {
            engine.restore(&self.good)?;
        }
        Ok(self.curve)
    }

    /// One epoch; `None` if the observer asked to stop within it.
    fn epoch(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<Option<Epoch>> {
        let number = self.curve.epochs.len() + 1;
        let numbers = self.numbers(problem, number);
        let begun = Instant::now();
        for stage in 0..engine.stages() {
            for side in [Side::User, Side::Item] {
                engine.sweep(stage, side, numbers.of(side))?;
            }
            if observe(&Event::Stage { phase: self.plan.phase, epoch: number, stage }).is_break() {
                return Ok(None);
            }
        }
        let loss = engine.loss()?;
        let seconds = begun.elapsed().as_secs_f64();
        let rmse = |sum: f64, count: usize| self.plan.deviation * (sum / count as f64).sqrt();
        let held_out_rmse = match problem.held_out.len() {
            0 => None,
            count => Some(rmse(engine.held_out_error(self.plan.start.offset())?, count)),
        };
        Ok(Some(Epoch {
            epoch: number,
            train_rmse: rmse(loss, problem.staged.ratings),
            held_out_rmse,
            learning_rate: self.learning_rate,
            seconds,
            ratings_per_second: problem.staged.ratings as f64 / seconds.max(1e-9),
        }))
    }

    fn numbers(&self, problem: &Problem, epoch: usize) -> EpochNumbers {
        let staged = &problem.staged;
        let early = epoch == 1 && self.plan.start == Start::Offset;
        let side = |rows: usize| Numbers {
            learning_rate: self.learning_rate,
            regularization: self.plan.regularization,
            power: self.plan.power,
            mean_activity: staged.ratings as f32 / rows.max(1) as f32,
            offset: self.plan.start.offset(),
            trained: if early { self.plan.factors.min(EARLY) } else { self.plan.factors },
        };
        EpochNumbers { users: side(staged.users()), items: side(staged.items()) }
    }

    /// Whether an error is not a number, or has grown beyond what it ever was; at first it is compared with that of
    /// predicting the mean.
    fn diverged(&self, problem: &Problem, epoch: &Epoch) -> bool {
        let grown = |rmse: f64, deviation: f64, of: fn(&Epoch) -> Option<f64>| {
            let blind = self.plan.deviation * deviation.hypot(self.plan.start.offset().into());
            let lowest = self.curve.epochs.iter().filter_map(of).fold(blind, f64::min);
            let bearable = (GROWTH * lowest).max(NEGLIGIBLE * self.plan.deviation);
            rmse.is_nan() || rmse > bearable
        };
        let held_out = &problem.held_out.values;
        let square = held_out.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>();
        grown(epoch.train_rmse, 1.0, |epoch| Some(epoch.train_rmse))
            || epoch.held_out_rmse.is_some_and(|rmse| {
                grown(rmse, (square / held_out.len() as f64).sqrt(), |epoch| epoch.held_out_rmse)
            })
    }

    fn roll_back(
        &mut self,
        engine: &mut dyn Engine,
        epoch: usize,
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<()> {
        self.roll_backs += 1;
        engine.restore(&self.good)?;
        self.curve.epochs.truncate(self.good_epoch);
        if self.roll_backs > ROLL_BACKS {
            return Err(Error::Diverged(format!(
                "training diverged in epoch {epoch} after {ROLL_BACKS} roll-backs, last with a learning rate of {}; \
                 try a lower --learning-rate or a higher --regularization",
                self.learning_rate
            )));
        }
        self.learning_rate /= 2.0;
        let event = Event::RolledBack { epoch, to: self.good_epoch, learning_rate: self.learning_rate };
        if observe(&event).is_break() {
            self.ended = true;
        }
        Ok(())
    }
}
