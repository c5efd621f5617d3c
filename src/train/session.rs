//! A training run from ratings to factors: hold out, race, search, refit.

use super::chain::Chain;
use super::choices::{Algorithm, Regularization, Start, Views};
use super::curve::Curve;
use super::engine::Engine;
use super::event::{Event, Phase};
use super::finish::finish;
use super::fit::{Fit, FitPlan};
use super::method::{Als, Bayes, BayesPlan, Method, Sgd};
use super::problem::Problem;
use super::race::{Candidate, field, race, suited_views};
use super::settings::Settings;
use super::state::State;
use super::training::{HeldOut, OpenEngine, Outcome, Training};
use crate::model::Factors;
use crate::ratings::{Ratings, Scale, part, split};
use crate::{Error, Result};
use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

/// With fewer held-out ratings than this nothing can be decided by them.
const ENOUGH_HELD_OUT: usize = 30;

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
        let chain = self.settings.algorithm == Algorithm::Bayes;
        let apart = matches!(self.training.held_out, HeldOut::Apart(_));
        self.settings.refit &= !apart && !problem.held_out.is_empty() && !chain;
        let mut engine = self.open(&problem, self.unraced(&problem), &mut observe)?;
        let (found, candidate) = self.decide(&mut *engine, &problem, &mut observe)?;
        self.settings.start = (self.settings.algorithm == Algorithm::Sgd).then_some(candidate.start);
        self.settings.regularization = Regularization::Fixed(candidate.regularization);
        self.settings.views = Views::Weight(candidate.views);
        let method = found.plan.method.clone();
        let (search, mut draws) = found.finish(&mut *engine)?;
        let best = search.best().copied();
        let _ = observe(&Event::Found {
            epoch: best.map_or(0, |best| best.epoch),
            held_out_rmse: best.and_then(|best| best.held_out_rmse),
        });
        if draws.is_empty() {
            draws.push(self.deliver(&mut *engine, &problem, &method)?);
        }
        let mut refit = None;
        if let Some(best) = best
            && self.settings.refit
            && !stopped.get()
        {
            drop((engine, problem));
            if let Some((refitted, curve)) = self.refit(best.epoch, (candidate, method), &mut observe)? {
                (draws, refit) = (vec![refitted], Some(curve));
            }
        }
        Ok(Outcome { draws, settings: self.settings.resolved(), search, refit, scale: self.scale })
    }

    fn deliver(&self, engine: &mut dyn Engine, problem: &Problem, method: &Method) -> Result<Factors> {
        let state = engine.state()?;
        if !state.is_finite() {
            return Err(Error::Diverged("training ended with numbers that are not finite".into()));
        }
        Ok(finish(&state, problem, self.scale, method))
    }

    /// What runs where there is no race.
    fn unraced(&self, problem: &Problem) -> Candidate {
        let unraced = Candidate::of(self.settings.algorithm, suited_views(problem));
        let regularization = match self.settings.regularization {
            Regularization::Auto => unraced.regularization,
            Regularization::Fixed(number) => number,
        };
        let views = match self.settings.views {
            Views::Auto => unraced.views,
            Views::Weight(weight) => weight,
        };
        Candidate { start: self.settings.start.unwrap_or(unraced.start), regularization, views }
    }

    /// The algorithm with the numbers of a candidate, before its first epoch.
    fn method(&self, candidate: Candidate) -> Method {
        let Settings { learning_rate, seed, .. } = self.settings;
        let (factors, power) = (self.settings.factors(), self.settings.power());
        let Candidate { start, regularization, views } = candidate;
        match self.settings.algorithm {
            Algorithm::Sgd => Method::Sgd(Sgd { factors, start, regularization, learning_rate, power }),
            Algorithm::Als => Method::Als(Als { factors, regularization, power, views }),
            Algorithm::Bayes => Method::Bayes(Box::new(Bayes::new(BayesPlan { factors, views, seed }))),
        }
    }

    /// The plan of searching with a candidate.
    fn plan(&self, candidate: Candidate) -> FitPlan {
        let settings = &self.settings;
        let (epochs, before) = (settings.epochs(), settings.burn_in);
        let chain = settings.algorithm == Algorithm::Bayes;
        FitPlan {
            phase: if chain { Phase::Sample } else { Phase::Search },
            epochs: if chain { before + epochs } else { epochs },
            patience: (!chain).then_some(settings.patience),
            keep_best: false,
            method: self.method(candidate),
            chain: chain.then(|| Chain::new(before, epochs, settings.keep_draws, self.scale)),
            deviation: self.scale.deviation,
        }
    }

    /// The problem with ratings held out, or without where that would be too few to decide anything.
    fn hold_out(&self) -> Problem {
        let (ratings, seed) = (self.training.ratings, self.settings.seed);
        match self.training.held_out {
            HeldOut::Random => {}
            HeldOut::Marked(marks) => {
                let (kept, held_out) = part(ratings, marks);
                return self.problem(&kept, &held_out);
            }
            HeldOut::Apart(held_out) => return self.problem(ratings, held_out),
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
        let stages = if self.settings.algorithm == Algorithm::Sgd { self.settings.stages } else { 1 };
        let problem =
            Problem::new(kept, held_out, self.training.size, self.scale, (stages, self.settings.seed));
        match self.training.test {
            Some(test) => problem.with_test(test, self.scale),
            None => problem,
        }
    }

    fn start(&self, problem: &Problem, candidate: Candidate) -> State {
        let (factors, seed) = (self.settings.factors(), self.settings.seed);
        let interval = match self.settings.algorithm {
            Algorithm::Sgd => candidate.start.interval(factors),
            Algorithm::Als => Start::SOLVED,
            Algorithm::Bayes => Start::CHAIN,
        };
        State::start(&problem.staged.user_place, &problem.staged.item_place, factors, interval, seed)
    }

    fn open(
        &mut self,
        problem: &Arc<Problem>,
        candidate: Candidate,
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<Box<dyn Engine>> {
        let state = self.start(problem, candidate);
        let engine = (self.open)(Arc::clone(problem), &state)?;
        let (ratings, held_out) = (problem.staged.ratings, problem.held_out.len());
        let _ = observe(&Event::Ready { device: engine.device(), ratings, held_out });
        Ok(engine)
    }

    /// Decides what was left open, and trains until the best epoch is known.
    fn decide(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<(Fit, Candidate)> {
        let keep_best = !self.settings.refit && !problem.held_out.is_empty();
        let field = field(&self.settings, suited_views(problem));
        let plan = |candidate| FitPlan { keep_best, ..self.plan(candidate) };
        let (mut fit, candidate) = if field.is_empty() || problem.held_out.is_empty() {
            let candidate = self.unraced(problem);
            (Fit::new(engine, plan(candidate))?, candidate)
        } else {
            let _ = observe(&Event::Begin { phase: Phase::Race, epochs: self.settings.epochs() });
            let field = field
                .into_iter()
                .map(|candidate| (candidate, self.start(problem, candidate), plan(candidate)));
            race(engine, problem, field, observe)?
        };
        let plan = self.plan(candidate);
        let _ = observe(&Event::Begin { phase: plan.phase, epochs: plan.epochs });
        fit.search(plan.phase, observe);
        fit.advance(engine, problem, plan.epochs, observe)?;
        Ok((fit, candidate))
    }

    /// Trains on all ratings for `epochs`; `None` if that was stopped or diverged, and what was found before counts.
    fn refit(
        &mut self,
        epochs: usize,
        (candidate, method): (Candidate, Method),
        observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<Option<(Factors, Curve)>> {
        let problem = Arc::new(self.problem(self.training.ratings, &Ratings::default()));
        let mut engine = self.open(&problem, candidate, observe)?;
        let _ = observe(&Event::Begin { phase: Phase::Refit, epochs });
        let plan = FitPlan { phase: Phase::Refit, epochs, patience: None, method, ..self.plan(candidate) };
        let mut fit = Fit::new(&mut *engine, plan)?;
        match fit.advance(&mut *engine, &problem, epochs, observe) {
            Ok(()) if fit.curve.epochs.len() == epochs => {
                Ok(Some((self.deliver(&mut *engine, &problem, &fit.plan.method)?, fit.curve)))
            }
            Ok(()) | Err(Error::Diverged(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
