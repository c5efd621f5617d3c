//! The race over settings: a handful run a few epochs each, the better half goes on, the best one wins
//! (successive halving: Jamieson, Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter
//! optimization").

use super::checkpoint::Place;
use super::choices::{Algorithm, Regularization, Start, Views};
use super::engine::{Engine, Saved};
use super::event::{Event, Phase};
use super::fit::{Fit, FitPlan, Reached};
use super::problem::Problem;
use super::settings::Settings;
use super::state::State;
use super::watch::Watch;
use crate::ratings::Side;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A setting that takes part in the race. What an algorithm has no use for is left at its neutral value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Where factors start.
    pub start: Start,
    /// The regularization.
    pub regularization: f32,
    /// What a cell of who rated what weighs.
    pub views: f32,
}

/// Who runs with `sgd`. The best regularization differs between sets, and so does the start (docs/maths.md, "The
/// race").
const SGD: [(Start, f32); 6] = [
    (Start::Offset, 0.05),
    (Start::Offset, 0.065),
    (Start::Offset, 0.085),
    (Start::Centred, 0.06),
    (Start::Centred, 0.1),
    (Start::Centred, 0.17),
];

/// Who runs with `als`: a regularization, and whether with views.
const ALS: [(f32, bool); 6] =
    [(0.7, false), (1.0, false), (1.4, false), (0.7, true), (1.0, true), (1.4, true)];

/// A cell of who rated what weighs this over the number of ratings an item, unless something else is set
/// (docs/maths.md, "Views").
const VIEWS: f32 = 200.0;

/// The weight of views that suits a problem.
pub(super) fn suited_views(problem: &Problem) -> f32 {
    let items = problem.staged.known(Side::Item).0.len();
    VIEWS * items as f32 / problem.staged.ratings.max(1) as f32
}

impl Candidate {
    /// What runs where nothing is held out to race by, and nothing else is asked for.
    pub(super) fn of(algorithm: Algorithm, suited_views: f32) -> Self {
        let (regularization, views) = match algorithm {
            Algorithm::Sgd => (0.1, 0.0),
            Algorithm::Als | Algorithm::Bayes => (1.0, suited_views),
        };
        Self { start: Start::Centred, regularization, views }
    }
}

/// The candidates that agree with what is set; none where there is nothing to race for.
pub(super) fn field(settings: &Settings, suited_views: f32) -> Vec<Candidate> {
    let candidates: Vec<Candidate> = match settings.algorithm {
        Algorithm::Sgd if settings.regularization == Regularization::Auto => {
            SGD.map(|(start, regularization)| Candidate { start, regularization, views: 0.0 }).to_vec()
        }
        Algorithm::Als
            if settings.regularization == Regularization::Auto || settings.views == Views::Auto =>
        {
            let views = |with| if with { suited_views } else { 0.0 };
            ALS.map(|(regularization, with)| Candidate {
                start: Start::Centred,
                regularization,
                views: views(with),
            })
            .to_vec()
        }
        _ => Vec::new(),
    };
    let mut field: Vec<Candidate> = Vec::new();
    for mut candidate in candidates {
        if let Regularization::Fixed(number) = settings.regularization {
            candidate.regularization = number;
        }
        if let Views::Weight(weight) = settings.views {
            candidate.views = weight;
        }
        let fits = settings.algorithm != Algorithm::Sgd
            || settings.start.is_none_or(|start| start == candidate.start);
        if fits && !field.contains(&candidate) {
            field.push(candidate);
        }
    }
    field
}

/// After so many epochs in all the better half of the field goes on; after the last, the best.
const HEATS: [usize; 2] = [8, 16];

/// A setting with what it has reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Runner {
    fit: Fit,
    state: Saved,
    candidate: Candidate,
}

/// A race, before it begins or on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Race {
    runners: Vec<Runner>,
    /// The heat, and whose turn it is in it.
    heat: usize,
    turn: usize,
}

impl Race {
    /// A race of candidates, each with its start and its plan.
    pub(super) fn new(
        engine: &mut dyn Engine,
        field: impl Iterator<Item = (Candidate, State, FitPlan)>,
    ) -> Result<Self> {
        let mut runners = Vec::new();
        for (candidate, state, plan) in field {
            engine.restore(&state)?;
            let fit = Fit::new(engine, FitPlan { phase: Phase::Race, ..plan })?;
            runners.push(Runner { fit, state: Saved::Here(state), candidate });
        }
        Ok(Self { runners, heat: 0, turn: 0 })
    }

    /// Whether it holds a state that would be lost with a device.
    pub(super) fn is_there(&self) -> bool {
        self.runners.iter().any(|runner| runner.state.is_there() || runner.fit.is_there())
    }

    /// Brings what it holds into memory.
    pub(super) fn bring_here(&mut self) -> Result<()> {
        self.runners.iter_mut().try_for_each(|runner| {
            runner.state.bring_here()?;
            runner.fit.bring_here()
        })
    }

    /// The run whose turn it is.
    pub(super) fn runner(&self) -> Option<&Fit> {
        self.runners.get(self.turn).map(|runner| &runner.fit)
    }

    /// Runs it, or the rest of it, and gives the winner's run, with the engine in the state it had reached.
    pub(super) fn run(
        mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        watch: &mut Watch,
    ) -> Result<(Fit, Candidate)> {
        while let Some(&heat) = HEATS.get(self.heat) {
            let most = self.runners.iter().map(|runner| runner.fit.plan.epochs).max();
            let until = heat.min(most.unwrap_or(heat));
            while self.turn < self.runners.len() {
                if self.take_turn(engine, problem, until, watch)? == Reached::Keep {
                    watch.keep(Place::Race(Cow::Borrowed(&self)))?;
                } else {
                    self.turn += 1;
                }
            }
            self.select(watch);
            (self.heat, self.turn) = (self.heat + 1, 0);
        }
        let winner = self.runners.swap_remove(0);
        if winner.fit.curve.epochs.is_empty() && !winner.fit.within_epoch {
            return Err(Error::Diverged(
                "every setting of the race diverged; try a lower --learning-rate".into(),
            ));
        }
        engine.go_back(&winner.state)?;
        Ok((winner.fit, winner.candidate))
    }

    fn take_turn(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        until: usize,
        watch: &mut Watch,
    ) -> Result<Reached> {
        let runner = &mut self.runners[self.turn];
        engine.go_back(&runner.state)?;
        let reached = match runner.fit.advance(engine, problem, until, watch) {
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

    /// Ends a heat: the better ones go on.
    fn select(&mut self, watch: &mut Watch) {
        let runners = &mut self.runners;
        runners.sort_by(|a, b| a.fit.curve.best_rmse().total_cmp(&b.fit.curve.best_rmse()));
        let kept = if self.heat == HEATS.len() - 1 { 1 } else { runners.len().div_ceil(2) };
        let mut stopped = false;
        for (place, runner) in runners.iter().enumerate() {
            let event = Event::Raced {
                candidate: runner.candidate,
                epochs: runner.fit.curve.epochs.len(),
                held_out_rmse: runner.fit.curve.best_rmse(),
                kept: place < kept,
            };
            stopped |= watch.tell(&event);
        }
        runners.truncate(kept);
        runners.iter_mut().for_each(|runner| runner.fit.ended |= stopped);
    }
}
