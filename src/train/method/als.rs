//! Alternating least squares: every row its exact ridge solution, all users and then all items.

use super::Stop;
use super::views::prepare;
use crate::Result;
use crate::math::Square;
use crate::model::{Belief, FoldIn};
use crate::ratings::{At, Side};
use crate::train::engine::Engine;
use crate::train::row::Update;
use crate::train::row::normal::{Numbers, Quadratic};
use serde::{Deserialize, Serialize};

/// Its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::train) struct Als {
    pub(in crate::train) factors: usize,
    /// `regularization * activity^power` is what a row's ridge weighs.
    pub(in crate::train) regularization: f32,
    pub(in crate::train) power: f32,
    /// What a cell of who rated what weighs beside a rating.
    pub(in crate::train) views: f32,
}

impl Als {
    pub(super) fn epoch(
        &self,
        engine: &mut dyn Engine,
        first: usize,
        stop: &mut Stop,
    ) -> Result<Option<usize>> {
        let prior = Square::diagonal(self.factors + 1, self.regularization.into()).to_matrix();
        let pull = vec![0.0; self.factors + 1];
        for side in Side::BOTH.into_iter().skip(first) {
            let (shared, view_weight) = prepare(engine, side, (self.factors, self.views))?;
            let numbers = Numbers {
                precision: 1.0,
                prior: Quadratic { matrix: prior.clone(), pull: pull.clone() },
                power: self.power,
                shared,
                view_weight,
                noise: None,
                measure: side == Side::User,
            };
            engine.sweep(At { stage: 0, side }, &Update::Normal(numbers))?;
            if stop(side.index()) {
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
            view_weight: self.views,
            users: belief.clone(),
            items: belief,
        }
    }
}
