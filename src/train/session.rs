//! A training run from ratings to factors: hold out, race, search, refit.

use super::curve::Curve;
use super::engine::Engine;
use super::event::{Event, Phase};
use super::finish::finish;
use super::fit::{Fit, FitPlan, fit};
use super::problem::Problem;
use super::race::race;
use super::settings::{Regularization, Settings, Start};
use super::state::State;
use crate::model::Factors;
use crate::ratings::{Ratings, Scale, split};
use crate::{Error, Result};
use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

/// With fewer held-out ratings than this nothing can be decided by them.
const ENOUGH_HELD_OUT: usize = 30;

/// The regularization where nothing is held out to find one.
const UNRACED: f32 = 0.1;

/// What a run trains on.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The ratings, of which there is at least one, finite.
    pub ratings: &'a Ratings,
    /// Ratings to stop by, in the same numbers; `None` holds out a random slice.
    pub held_out: Option<&'a Ratings>,
    /// How many users and how many items there are.
    pub size: (usize, usize),
}

/// What a run gives.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The factors.
    pub factors: Factors,
    /// The settings with everything decided that was left open.
    pub settings: Settings,
    /// The epochs with ratings held out.
    pub search: Curve,
    /// The epochs on all ratings, if there was a refit.
    pub refit: Option<Curve>,
    /// What the ratings are like.
    pub scale: Scale,
}

/// Makes an engine for a problem, to start from a state.
pub type OpenEngine<'a> = dyn FnMut(Arc<Problem>, &State) -> Result<Box<dyn Engine>> + 'a;

/// Trains. `observe` hears of every event; when it breaks, training ends with what it has.
///
/// # Errors
/// [`Error::Usage`] for settings that make no sense, [`Error::Diverged`], and whatever the engine answers.
pub fn train(
    training: Training<'_>,
    settings: &Settings,
    open: &mut OpenEngine<'_>,
    observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
) -> Result<Outcome> {
    settings.check()?;
    if training.ratings.is_empty() {
        return Err(Error::Input("there are no ratings to train on".into()));
    }
    let scale = Scale::of(training.ratings);
    let run = Run { training, settings: settings.clone(), scale, open };
    run.go(observe)
}

struct Run<'a, 'b, 'c> {
    training: Training<'a>,
    settings: Settings,
    scale: Scale,
    open: &'b mut OpenEngine<'c>,
}

impl Run<'_, '_, '_> {
    fn go(mut self, observe: &mut dyn FnMut(&Event) -> ControlFlow<()>) -> Result<Outcome> {
        let stopped = Cell::new(false);
        let mut observe = |event: &Event| {
            let flow = observe(event);
            stopped.set(stopped.get() || flow.is_break());
            flow
        };
        let problem = Arc::new(self.hold_out());
        self.settings.refit &= self.training.held_out.is_none() && !problem.held_out.is_empty();
        let start = self.settings.start.unwrap_or(Start::Centred);
        let mut engine = self.open(&problem, start, &mut observe)?;
        let (found, start, regularization) = self.decide(&mut *engine, &problem, start, &mut observe)?;
        let (decided, learning_rate) = (&mut self.settings, found.learning_rate);
        decided.start = Some(start);
        decided.regularization = Regularization::Fixed(regularization);
        let search = found.finish(&mut *engine)?;
        let best = search.best().copied();
        let _ = observe(&Event::Found {
            epoch: best.map_or(0, |best| best.epoch),
            held_out_rmse: best.and_then(|best| best.held_out_rmse),
        });
        let mut factors = self.deliver(&mut *engine, &problem, start)?;
        let mut refit = None;
        if let Some(best) = best
            && self.settings.refit
            && !stopped.get()
        {
            drop((engine, problem));
            if let Some((refitted, curve)) = self.refit(best.epoch, learning_rate, &mut observe)? {
                (factors, refit) = (refitted, Some(curve));
            }
        }
        Ok(Outcome { factors, settings: self.settings, search, refit, scale: self.scale })
    }

    fn deliver(&self, engine: &mut dyn Engine, problem: &Problem, start: Start) -> Result<Factors> {
        let state = engine.state()?;
        if !state.is_finite() {
            return Err(Error::Diverged("training ended with numbers that are not finite".into()));
        }
        Ok(finish(&state, problem, self.scale, start))
    }

    /// The problem with ratings held out, or without where that would be too few to decide anything.
    fn hold_out(&self) -> Problem {
        let (ratings, seed) = (self.training.ratings, self.settings.seed);
        if let Some(held_out) = self.training.held_out {
            return self.problem(ratings, held_out);
        }
        let fraction = self.settings.held_out_fraction(ratings.len());
        if fraction > 0.0 {
            let (kept, held_out) = split(ratings, fraction, seed);
            let problem = self.problem(&kept, &held_out);
            if problem.held_out.len() >= ENOUGH_HELD_OUT {
                return problem;
            }
        }
        self.problem(ratings, &Ratings::default())
    }

    fn problem(&self, kept: &Ratings, held_out: &Ratings) -> Problem {
        let stages = (self.settings.stages, self.settings.seed);
        Problem::new(kept, held_out, self.training.size, self.scale, stages)
    }

    fn open(
        &mut self,
        problem: &Arc<Problem>,
        start: Start,
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<Box<dyn Engine>> {
        let Settings { factors, seed, .. } = self.settings;
        let staged = &problem.staged;
        let state = State::start(&staged.user_place, &staged.item_place, factors, start, seed);
        let engine = (self.open)(Arc::clone(problem), &state)?;
        let (ratings, held_out) = (staged.ratings, problem.held_out.len());
        let _ = observe(&Event::Ready { device: engine.device(), ratings, held_out });
        Ok(engine)
    }

    /// Decides what was left open, and trains until the best epoch is known.
    fn decide(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        start: Start,
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<(Fit, Start, f32)> {
        let (settings, deviation) = (&self.settings, self.scale.deviation);
        let keep_best = !settings.refit && !problem.held_out.is_empty();
        let begin = |phase| Event::Begin { phase, epochs: settings.epochs };
        let (mut fit, start, regularization) = match settings.regularization {
            Regularization::Auto if !problem.held_out.is_empty() => {
                let _ = observe(&begin(Phase::Race));
                race(engine, problem, settings, (deviation, keep_best), observe)?
            }
            open => {
                let regularization = if let Regularization::Fixed(number) = open { number } else { UNRACED };
                let plan =
                    FitPlan { keep_best, ..FitPlan::search(settings, start, regularization, deviation) };
                (Fit::new(engine, plan)?, start, regularization)
            }
        };
        let _ = observe(&begin(Phase::Search));
        fit.search(observe);
        fit.advance(engine, problem, settings.epochs, observe)?;
        Ok((fit, start, regularization))
    }

    /// Trains on all ratings for `epochs`; `None` if that was stopped or diverged, and what was found before counts.
    fn refit(
        &mut self,
        epochs: usize,
        learning_rate: f32,
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<Option<(Factors, Curve)>> {
        let Settings { start: Some(start), regularization: Regularization::Fixed(regularization), .. } =
            self.settings
        else {
            return Err(Error::Bug("a refit before the search was over".into()));
        };
        let problem = Arc::new(self.problem(self.training.ratings, &Ratings::default()));
        let mut engine = self.open(&problem, start, observe)?;
        let _ = observe(&Event::Begin { phase: Phase::Refit, epochs });
        let plan = FitPlan {
            phase: Phase::Refit,
            epochs,
            patience: None,
            learning_rate,
            ..FitPlan::search(&self.settings, start, regularization, self.scale.deviation)
        };
        match fit(&mut *engine, &problem, &plan, observe) {
            Ok(curve) if curve.epochs.len() == epochs => {
                Ok(Some((self.deliver(&mut *engine, &problem, start)?, curve)))
            }
            Ok(_) | Err(Error::Diverged(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
