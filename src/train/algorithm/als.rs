//! Alternating least squares. Every row is set to its exact ridge solution: all users first, then all items.

use super::definition::{Definition, RUNGS, add, enough_held_out};
use super::implicit::{prepare, suited_weight};
use super::pause::Pause;
use crate::Result;
use crate::math::Square;
use crate::model::{Belief, FoldIn};
use crate::ratings::{At, Scale, Side};
use crate::train::candidate::Candidate;
use crate::train::choices::Objective;
use crate::train::criterion::Criterion;
use crate::train::engine::Engine;
use crate::train::row::normal::{Forms, Numbers, Quadratic, Solver};
use crate::train::row::{Target, Update};
use serde::{Deserialize, Serialize};

pub(super) const DEFINITION: Definition = Definition {
    purpose: "Alternating least squares: few epochs",
    objective: Objective::Ratings,
    factors: 64,
    settings: &["regularization", "power", "views", "solver", "patience", "refit"],
    most_factors: 2048,
    epochs: 30,
    patience: 3,
    power: 0.5,
    has_stages: false,
    is_chain: false,
    has_solver: true,
    start: None,
    interval: |_, _, _| INTERVAL,
    scale: |ratings, _, _| Scale::over(ratings),
    held_out: enough_held_out,
    criterion: Criterion::Rmse,
    unraced: |settings, problem| Candidate::over(settings, None, 1.0, suited_weight(problem)),
    field: |settings, problem| {
        let mut field = Vec::new();
        for (regularization, with_views) in FIELD {
            let views = if with_views { suited_weight(problem) } else { 0.0 };
            if settings.regularization.is_open() || settings.views.is_open() {
                add(&mut field, Candidate::over(settings, None, regularization, views));
            }
        }
        field
    },
    rungs: RUNGS,
    larger: |_, _, _| Vec::new(),
};

/// The candidates of the race: a regularization each, with or without implicit features.
const FIELD: [(f32, bool); 6] =
    [(0.7, false), (1.0, false), (1.4, false), (0.7, true), (1.0, true), (1.4, true)];

/// The interval of the initial factors. The first sweep replaces them by exact solutions.
const INTERVAL: (f32, f32) = (-0.17, 0.17);

/// The number of steps of conjugate gradients in a row's update, where a row takes steps.
const STEPS: usize = 3;

/// The parameters of alternating least squares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::train) struct Als {
    factors: usize,
    /// The weight of a row's ridge term is `regularization * activity^power`.
    regularization: f32,
    power: f32,
    /// The weight of a cell of the implicit features, relative to that of a rating.
    views: f32,
    #[serde(default)]
    solver: Solver,
}

impl Als {
    pub(super) fn new(candidate: &Candidate) -> Self {
        Self {
            factors: candidate.settings().factors(),
            regularization: candidate.regularization(),
            power: candidate.settings().power(),
            views: candidate.views(),
            solver: candidate.settings().solver,
        }
    }

    pub(super) fn epoch(
        &self,
        engine: &mut dyn Engine,
        first: usize,
        pause: &mut Pause,
    ) -> Result<Option<usize>> {
        let prior = Square::diagonal(self.factors + 1, self.regularization.into()).to_matrix();
        let pull = vec![0.0; self.factors + 1];
        for side in Side::BOTH.into_iter().skip(first) {
            let (shared, implicit_weight) = prepare(engine, side, (self.factors, self.views))?;
            let numbers = Numbers {
                target: Target::Value,
                forms: Forms::of(self.solver, self.factors, false),
                steps: STEPS,
                precision: 1.0,
                prior: Quadratic { matrix: prior.clone(), pull: pull.clone() },
                power: self.power,
                shared,
                implicit_weight,
                noise: None,
                measure: side == Side::User,
            };
            engine.sweep(At { stage: 0, side }, &Update::Normal(numbers))?;
            if pause(side.index()) {
                return Ok(Some(side.index() + 1));
            }
        }
        Ok(None)
    }

    pub(super) fn fold_in(&self, factors: usize) -> FoldIn {
        let ridge = Square::diagonal(factors + 1, self.regularization.into());
        let belief = Belief::new(ridge, vec![0.0; factors + 1]);
        FoldIn {
            precision: 1.0,
            power: self.power,
            implicit_weight: self.views,
            unobserved_weight: 0.0,
            users: belief.clone(),
            items: belief,
        }
    }
}
