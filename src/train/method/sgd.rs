//! Stochastic gradient descent: a user sweep and an item sweep a stage.

use super::Stop;
use crate::Result;
use crate::math::Square;
use crate::model::{Belief, FoldIn};
use crate::ratings::{At, Side, Sides};
use crate::train::choices::Start;
use crate::train::engine::Engine;
use crate::train::problem::Problem;
use crate::train::row::Update;
use crate::train::row::sgd::{EARLY, Numbers};
use serde::{Deserialize, Serialize};

/// Its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::train) struct Sgd {
    pub(in crate::train) factors: usize,
    pub(in crate::train) start: Start,
    pub(in crate::train) regularization: f32,
    pub(in crate::train) learning_rate: f32,
    pub(in crate::train) power: f32,
    /// Whether it begins from a model, all of whose factors move from the first epoch on.
    pub(in crate::train) warm: bool,
}

impl Sgd {
    pub(super) fn epoch(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        (number, first): (usize, usize),
        stop: &mut Stop,
    ) -> Result<Option<usize>> {
        let updates = Sides::from_fn(|side| Update::Sgd(self.numbers(problem, side, number)));
        for stage in first..engine.stages() {
            for side in Side::BOTH {
                engine.sweep(At { stage, side }, &updates[side])?;
            }
            if stop(stage) {
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

    /// The numbers of an epoch in which nothing moves, but gradients are summed.
    pub(in crate::train) fn still(&self, problem: &Problem, side: Side) -> Numbers {
        Numbers { learning_rate: 0.0, trained: self.factors, ..self.numbers(problem, side, 1) }
    }

    /// The regularization that a row meets in all, once a rating, is that of a ridge solution.
    pub(super) fn fold_in(&self, problem: &Problem, factors: usize) -> FoldIn {
        let belief = |side| {
            let weight = f64::from(self.regularization * mean_activity(problem, side).powf(self.power));
            Belief::new(Square::diagonal(factors + 1, weight), vec![0.0; factors + 1])
        };
        FoldIn {
            precision: 1.0,
            power: 1.0 - self.power,
            view_weight: 0.0,
            users: belief(Side::User),
            items: belief(Side::Item),
        }
    }
}

fn mean_activity(problem: &Problem, side: Side) -> f32 {
    problem.staged.ratings as f32 / problem.staged.size(side).max(1) as f32
}
