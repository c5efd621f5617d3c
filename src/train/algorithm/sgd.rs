//! Stochastic gradient descent: each stage is a user sweep and an item sweep.

use super::definition::{Definition, RUNGS, add, enough_held_out};
use super::pause::Pause;
use crate::Result;
use crate::math::Square;
use crate::model::{Belief, FoldIn};
use crate::ratings::{At, Scale, Side, Sides};
use crate::train::candidate::Candidate;
use crate::train::choices::{Objective, Start};
use crate::train::criterion::Criterion;
use crate::train::engine::Engine;
use crate::train::problem::Problem;
use crate::train::row::Update;
use crate::train::row::sgd::{EARLY, Numbers};
use serde::{Deserialize, Serialize};

pub(super) const DEFINITION: Definition = Definition {
    purpose: "Stochastic gradient descent: the fastest",
    objective: Objective::Ratings,
    factors: 128,
    settings: &["regularization", "power", "learning_rate", "start", "stages", "patience", "refit"],
    most_factors: 4096,
    epochs: 50,
    patience: 3,
    power: 0.3,
    has_stages: true,
    is_chain: false,
    has_solver: false,
    start: Some(Start::Centred),
    interval: |candidate, factors, is_warm| {
        // The rows of a model already show where new ones belong.
        let start = if is_warm { Start::Centred } else { candidate.start() };
        start.interval(factors)
    },
    scale: |ratings, _, _| Scale::over(ratings),
    held_out: enough_held_out,
    criterion: Criterion::Rmse,
    unraced: |settings, _| Candidate::over(settings, Some(Start::Centred), 0.1, 0.0),
    field: |settings, _| {
        let mut field = Vec::new();
        for (start, regularization) in FIELD {
            let fits = settings.start.is_none_or(|fixed| fixed == start);
            if fits && settings.regularization.is_open() {
                add(&mut field, Candidate::over(settings, Some(start), regularization, 0.0));
            }
        }
        field
    },
    rungs: RUNGS,
    larger: |_, _, _| Vec::new(),
};

/// The candidates of the race. The best regularization differs between data sets, and so does the best start
/// (docs/maths.md, "The race").
const FIELD: [(Start, f32); 6] = [
    (Start::Offset, 0.05),
    (Start::Offset, 0.065),
    (Start::Offset, 0.085),
    (Start::Centred, 0.06),
    (Start::Centred, 0.1),
    (Start::Centred, 0.17),
];

/// The parameters of stochastic gradient descent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::train) struct Sgd {
    factors: usize,
    pub(super) start: Start,
    regularization: f32,
    pub(super) learning_rate: f32,
    power: f32,
    /// Whether training begins from a model. All its factors then move from the first epoch on.
    warm: bool,
}

impl Sgd {
    pub(super) fn new(candidate: &Candidate, warm: bool) -> Self {
        let settings = candidate.settings();
        Self {
            factors: settings.factors(),
            start: candidate.start(),
            regularization: candidate.regularization(),
            learning_rate: settings.learning_rate,
            power: settings.power(),
            warm,
        }
    }

    pub(super) fn epoch(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        (number, first): (usize, usize),
        pause: &mut Pause,
    ) -> Result<Option<usize>> {
        let updates = Sides::from_fn(|side| Update::Sgd(self.numbers(problem, side, number)));
        for stage in first..engine.stages() {
            for side in Side::BOTH {
                engine.sweep(At { stage, side }, &updates[side])?;
            }
            if pause(stage) {
                return Ok(Some(stage + 1));
            }
        }
        Ok(None)
    }

    fn numbers(&self, problem: &Problem, side: Side, epoch: usize) -> Numbers {
        let early = epoch == 1 && self.start == Start::Offset && !self.warm;
        Numbers {
            learning_rate: self.learning_rate,
            regularization: self.regularization,
            power: self.power,
            mean_activity: mean_activity(problem, side),
            offset: self.start.offset(),
            trained: if early { self.factors.min(EARLY) } else { self.factors },
        }
    }

    /// The parameters of an epoch that sums gradients and moves nothing.
    pub(super) fn settling(&self, problem: &Problem, side: Side) -> Numbers {
        Numbers { learning_rate: 0.0, trained: self.factors, ..self.numbers(problem, side, 1) }
    }

    /// The prior for folding in. A row's regularization, summed over its ratings, is that of a ridge
    /// solution.
    pub(super) fn fold_in(&self, problem: &Problem, factors: usize) -> FoldIn {
        let belief = |side| {
            let weight = f64::from(self.regularization * mean_activity(problem, side).powf(self.power));
            Belief::new(Square::diagonal(factors + 1, weight), vec![0.0; factors + 1])
        };
        FoldIn {
            precision: 1.0,
            power: 1.0 - self.power,
            implicit_weight: 0.0,
            unobserved_weight: 0.0,
            users: belief(Side::User),
            items: belief(Side::Item),
        }
    }
}

fn mean_activity(problem: &Problem, side: Side) -> f32 {
    problem.staged.ratings as f32 / problem.staged.size(side).max(1) as f32
}
