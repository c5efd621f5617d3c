//! A training run from ratings to factors: hold out, race, search, refit.

use super::chain::Chain;
use super::checkpoint::{Checkpoint, Found, Place, Step};
use super::choices::{Algorithm, Regularization, Start, Views};
use super::curve::Curve;
use super::engine::Engine;
use super::event::{Event, Phase};
use super::finish::finish;
use super::fit::{Fit, FitPlan, Reached};
use super::method::{Als, Bayes, BayesPlan, Method, Sgd};
use super::problem::Problem;
use super::race::{Candidate, Race, field, suited_views};
use super::residuals::residuals;
use super::settings::Settings;
use super::state::State;
use super::training::{HeldOut, OpenEngine, Outcome, Training};
use super::watch::{Observe, Watch};
use crate::model::Factors;
use crate::ratings::{Kept, Ratings, Scale, marked, random};
use crate::{Error, Result};
use std::borrow::Cow;
use std::sync::Arc;

/// With fewer held-out ratings than this nothing can be decided by them.
pub const ENOUGH_HELD_OUT: usize = 30;

/// Trains. `observe` hears of every event; when it breaks, training ends with what it has.
///
/// # Errors
/// [`Error::Usage`] for settings that make no sense, [`Error::Diverged`], and whatever the engine answers.
pub fn train(
    training: Training<'_>,
    settings: &Settings,
    open: &mut OpenEngine<'_>,
    observe: &mut Observe<'_>,
) -> Result<Outcome> {
    let mut observe = |event: &Event| observe(event);
    go_on(training, settings, (open, None), &mut Watch::new(&mut observe, None), None)
}

/// Trains as [`train`] does, from a checkpoint of the same training on if there is one. When the device fails it is opened
/// once more, and training goes on from the last factors in memory; when it fails again the fallback takes over, if there is
/// one, and otherwise training ends with a last checkpoint.
///
/// # Errors
/// As [`train`], and those of the keeper.
pub fn go_on(
    training: Training<'_>,
    settings: &Settings,
    (open, mut fallback): (&mut OpenEngine<'_>, Option<&mut OpenEngine<'_>>),
    watch: &mut Watch<'_>,
    from: Option<Checkpoint<'static>>,
) -> Result<Outcome> {
    settings.check()?;
    if training.ratings.is_empty() {
        return Err(Error::Input("there are no ratings to train on".into()));
    }
    let scale = Scale::of(training.ratings);
    let mut from = from.map(|checkpoint| checkpoint.0);
    let (mut failures, mut fallen_back) = (0, false);
    let outcome = loop {
        let open: &mut OpenEngine = match &mut fallback {
            Some(fallback) if fallen_back => &mut **fallback,
            _ => &mut *open,
        };
        let run = Run { training, settings: settings.clone(), scale, open };
        let error = match run.go(from.clone(), watch) {
            Err(error @ (Error::Device(_) | Error::TooLarge(_) | Error::NoDevice(_))) => error,
            result => break result?,
        };
        failures += 1;
        // What is too large stays so.
        let again = failures == 1 && matches!(error, Error::Device(_));
        if !again && (fallback.is_none() || fallen_back) {
            watch.keep_last()?;
            return Err(error);
        }
        fallen_back = !again;
        from = watch.last().or(from);
        let place = from
            .clone()
            .map(Checkpoint)
            .and_then(|place| Some((place.phase()?, place.last_epoch().map_or(0, |epoch| epoch.epoch))));
        watch.tell(&Event::DeviceFailed { why: error.to_string(), from: place, fallback: fallen_back });
    };
    if watch.due(Step::All) {
        watch.keep(Place::Trained(Cow::Borrowed(&outcome)))?;
    }
    Ok(outcome)
}

struct Run<'a, 'b, 'c> {
    training: Training<'a>,
    settings: Settings,
    scale: Scale,
    open: &'b mut OpenEngine<'c>,
}

impl Run<'_, '_, '_> {
    fn go(mut self, from: Option<Place<'static>>, watch: &mut Watch) -> Result<Outcome> {
        let (mut found, begun) = match from {
            Some(Place::Trained(outcome)) => return Ok(outcome.into_owned()),
            Some(Place::Refit { found, fit, state }) => (found.into_owned(), Some((fit.into_owned(), state))),
            from => (self.search(from, watch)?, None),
        };
        let candidate = found.candidate;
        self.settings.start = (self.settings.algorithm == Algorithm::Sgd).then_some(candidate.start);
        self.settings.regularization = Regularization::Fixed(candidate.regularization);
        self.settings.views = Views::Weight(candidate.views);
        let mut refit = None;
        if let Some(best) = found.search.best().copied()
            && self.settings.refit
            && !watch.stopped
            && let Some((refitted, curve)) = self.refit(best.epoch, &found, begun, watch)?
        {
            (found.draws, refit) = (vec![refitted], Some(curve));
        }
        let Found { draws, search, residuals, .. } = found;
        let settings = self.settings.resolved();
        Ok(Outcome { draws, settings, search, refit, residuals, scale: self.scale })
    }

    /// Trains with ratings held out, or the only time, and sees whether there is to be a refit.
    fn search(&mut self, from: Option<Place<'static>>, watch: &mut Watch) -> Result<Found> {
        let problem = Arc::new(self.hold_out());
        let chain = self.settings.algorithm == Algorithm::Bayes;
        let apart = matches!(self.training.held_out, HeldOut::Apart(_));
        self.settings.refit &= !apart && !problem.held_out.is_empty() && !chain;
        let mut engine = self.open(&problem, self.unraced(&problem), watch)?;
        let (fit, candidate) = self.decide(&mut *engine, &problem, from, watch)?;
        let method = fit.plan.method.clone();
        let means = fit.chain_means();
        let (search, mut draws) = fit.finish(&mut *engine)?;
        let residuals = residuals(&mut *engine, &problem, (method.offset(), means), self.scale)?;
        let best = search.best();
        watch.tell(&Event::Found {
            epoch: best.map_or(0, |best| best.epoch),
            held_out_rmse: best.and_then(|best| best.held_out_rmse),
        });
        if draws.is_empty() {
            draws.push(self.deliver(&mut *engine, &problem, &method)?);
        }
        Ok(Found { candidate, method, search, draws, residuals })
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
        let warm = self.training.warm;
        let (factors, power) = (self.settings.factors(), self.settings.power());
        let Candidate { start, regularization, views } = candidate;
        match self.settings.algorithm {
            Algorithm::Sgd => {
                let warm = warm.is_some();
                Method::Sgd(Sgd { factors, start, regularization, learning_rate, power, warm })
            }
            Algorithm::Als => Method::Als(Als { factors, regularization, power, views }),
            Algorithm::Bayes => {
                let precision = warm.and_then(|warm| warm.precision(self.scale));
                Method::Bayes(Box::new(Bayes::new(BayesPlan { factors, views, seed }, precision)))
            }
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
        let without = |marks: &[bool]| self.problem(Kept::without(ratings, marks), &marked(ratings, marks));
        match self.training.held_out {
            HeldOut::Random => {}
            HeldOut::Marked(marks) => return without(marks),
            HeldOut::Apart(held_out) => return self.problem(ratings, held_out),
        }
        let fraction = self.settings.held_out_fraction(ratings.len());
        if fraction > 0.0 {
            let problem = without(&random(ratings.len(), fraction, seed));
            if problem.held_out.len() >= ENOUGH_HELD_OUT {
                return problem;
            }
        }
        self.problem(ratings, &Ratings::default())
    }

    fn problem<'k>(&self, kept: impl Into<Kept<'k>>, held_out: &Ratings) -> Problem {
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
            // A model's own rows say where others lie.
            Algorithm::Sgd if self.training.warm.is_some() => Start::Centred.interval(factors),
            Algorithm::Sgd => candidate.start.interval(factors),
            Algorithm::Als => Start::SOLVED,
            Algorithm::Bayes => Start::CHAIN,
        };
        let fresh = State::start(&problem.staged.position, factors, interval, seed);
        match self.training.warm {
            Some(warm) => warm.state((fresh, interval.1), problem, self.scale, &self.method(candidate)),
            None => fresh,
        }
    }

    /// Readies an engine that is to begin its first epoch.
    fn begin(&self, engine: &mut dyn Engine, problem: &Problem, candidate: Candidate) -> Result<()> {
        match self.training.warm {
            Some(warm) => warm.settle_steps(engine, problem, &self.method(candidate)),
            None => Ok(()),
        }
    }

    fn open(
        &mut self,
        problem: &Arc<Problem>,
        candidate: Candidate,
        watch: &mut Watch,
    ) -> Result<Box<dyn Engine>> {
        let state = self.start(problem, candidate);
        let engine = (self.open)(Arc::clone(problem), &state)?;
        watch.guard(engine.can_fail());
        let (ratings, held_out) = (problem.staged.ratings, problem.held_out.len());
        watch.tell(&Event::Ready { device: engine.device(), ratings, held_out });
        Ok(engine)
    }

    /// Decides what was left open, and trains until the best epoch is known.
    fn decide(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        from: Option<Place<'static>>,
        watch: &mut Watch,
    ) -> Result<(Fit, Candidate)> {
        let (mut fit, candidate) = match from {
            Some(Place::Search { candidate, fit, state }) => {
                engine.restore(&state)?;
                let fit = fit.into_owned();
                watch.tell(&Event::Begin { phase: fit.plan.phase, epochs: fit.plan.epochs });
                (fit, candidate)
            }
            from => {
                let (mut fit, candidate) = self.choose(engine, problem, from, watch)?;
                let FitPlan { phase, epochs, .. } = self.plan(candidate);
                watch.tell(&Event::Begin { phase, epochs });
                fit.search(phase, watch);
                (fit, candidate)
            }
        };
        let epochs = fit.plan.epochs;
        while fit.advance(engine, problem, epochs, watch)? == Reached::Keep {
            let state = engine.state()?;
            watch.keep(Place::Search { candidate, fit: Cow::Borrowed(&fit), state })?;
        }
        Ok((fit, candidate))
    }

    /// Chooses the setting that is trained, by a race if anything was left open.
    fn choose(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        from: Option<Place<'static>>,
        watch: &mut Watch,
    ) -> Result<(Fit, Candidate)> {
        let keep_best = (!self.settings.refit || watch.may_end) && !problem.held_out.is_empty();
        let field = field(&self.settings, suited_views(problem));
        let plan = |candidate| FitPlan { keep_best, ..self.plan(candidate) };
        if field.is_empty() || problem.held_out.is_empty() {
            let candidate = self.unraced(problem);
            self.begin(engine, problem, candidate)?;
            return Ok((Fit::new(engine, plan(candidate))?, candidate));
        }
        watch.tell(&Event::Begin { phase: Phase::Race, epochs: self.settings.epochs() });
        let race = if let Some(Place::Race(race)) = from {
            race.into_owned()
        } else {
            let start = |candidate| (candidate, self.start(problem, candidate), plan(candidate));
            Race::new(engine, field.into_iter().map(start))?
        };
        race.run(engine, problem, watch)
    }

    /// Trains on all ratings for `epochs`, or goes on with what has begun; `None` if that was stopped or diverged, and
    /// what was found before counts.
    fn refit(
        &mut self,
        epochs: usize,
        found: &Found,
        begun: Option<(Fit, State)>,
        watch: &mut Watch,
    ) -> Result<Option<(Factors, Curve)>> {
        let candidate = found.candidate;
        let problem = Arc::new(self.problem(self.training.ratings, &Ratings::default()));
        let mut engine = self.open(&problem, candidate, watch)?;
        if watch.tell(&Event::Begin { phase: Phase::Refit, epochs }) {
            return Ok(None);
        }
        let mut fit = if let Some((fit, state)) = begun {
            engine.restore(&state)?;
            fit
        } else {
            self.begin(&mut *engine, &problem, candidate)?;
            let method = found.method.clone();
            let plan =
                FitPlan { phase: Phase::Refit, epochs, patience: None, method, ..self.plan(candidate) };
            Fit::new(&mut *engine, plan)?
        };
        loop {
            match fit.advance(&mut *engine, &problem, epochs, watch) {
                Ok(Reached::Keep) => {
                    let state = engine.state()?;
                    let (found, fit) = (Cow::Borrowed(found), Cow::Borrowed(&fit));
                    watch.keep(Place::Refit { found, fit, state })?;
                }
                Ok(Reached::End) if fit.curve.epochs.len() == epochs => {
                    return Ok(Some((self.deliver(&mut *engine, &problem, &fit.plan.method)?, fit.curve)));
                }
                Ok(Reached::End) | Err(Error::Diverged(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}
