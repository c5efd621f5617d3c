//! The model that training begins from.

use super::centres::centres;
use super::rows::Rows;
use crate::model::{DrawSide, Factors, Model};
use crate::ratings::{At, IdMap, Scale, Side, Sides};
use crate::score::score;
use crate::train::algorithm::Method;
use crate::train::choices::{Algorithm, Objective};
use crate::train::engine::Engine;
use crate::train::problem::Problem;
use crate::train::settings::Settings;
use crate::train::state::State;
use crate::{Error, Result};
use std::mem::take;

/// A model to begin training from, with its rows matched to the ratings to train on. If it has several draws,
/// the last one is used.
#[derive(Debug, Clone)]
pub struct WarmStart {
    draw: Factors,
    /// The model's row of each user and of each item, if it has one.
    known: Sides<Vec<Option<u32>>>,
    /// The settings that the model was trained with, if it stores them.
    made: Option<Settings>,
    /// The number of epochs that the model was trained for.
    epochs: usize,
}

impl WarmStart {
    /// Matches a model to the ids of the ratings to train on.
    ///
    /// # Errors
    /// [`Error::Usage`] if the model contains none of the ids, or if its factors carry no information.
    pub fn new(model: &Model, users: &IdMap, items: &IdMap) -> Result<Self> {
        let made = model.about.settings();
        let epochs = model.about.metrics().and_then(|metrics| metrics.epochs()).unwrap_or(1);
        let known = Sides { users: users.rows_in(&model.users), items: items.rows_in(&model.items) };
        if known.iter().flatten().all(Option::is_none) {
            let why = "the model to begin from knows none of these users and items; train without it";
            return Err(Error::Usage(why.into()));
        }
        let draw = model.draws.last().filter(|draw| draw.scale > 0.0);
        let Some(draw) = draw.cloned() else {
            return Err(Error::Usage("the model to begin from has a scale of 0; train without it".into()));
        };
        Ok(Self { draw, known, made, epochs })
    }

    /// How many of the users, and how many of the items, the model contains.
    pub fn known(&self) -> Sides<usize> {
        self.known.as_ref().map(|rows| rows.iter().flatten().count())
    }

    /// The mean of the predictions, and their scale: what a standard unit of the factors is in rating units.
    pub(super) fn units(&self) -> (f64, f64) {
        (self.draw.mean.into(), self.draw.scale.into())
    }

    /// The same with other units.
    pub(super) fn with_units(mut self, (mean, scale): (f64, f64)) -> Self {
        (self.draw.mean, self.draw.scale) = (mean as f32, scale as f32);
        self
    }

    /// The model's prediction for a pair of the ratings to train on, in its standard units, not clipped.
    pub(super) fn predict(&self, user: u32, item: u32) -> f64 {
        let (user, item) = (self.known.users[user as usize], self.known.items[item as usize]);
        let (mean, scale) = self.units();
        (f64::from(score(std::slice::from_ref(&self.draw), user, item)) - mean) / scale
    }

    /// Whether this algorithm trained the model.
    fn is_of(&self, algorithm: Algorithm) -> bool {
        self.made.as_ref().is_some_and(|made| made.algorithm == algorithm)
    }

    /// The precision of the ratings, in standard units of `scale`, if `algorithm` trained the model.
    pub(in crate::train) fn precision(&self, scale: Scale, algorithm: Algorithm) -> Option<f64> {
        let fold_in = self.draw.fold_in.as_ref().filter(|_| self.is_of(algorithm))?;
        Some(f64::from(fold_in.precision) / self.stretch(scale).powi(2))
    }

    /// The length of the model's standard unit, in units of `scale`.
    fn stretch(&self, scale: Scale) -> f64 {
        f64::from(self.draw.scale) / scale.deviation
    }

    /// The initial state. `fresh` is the initial state without a model; its factors are uniform with an upper
    /// bound of `width`.
    pub(in crate::train) fn state(
        &self,
        (fresh, width): (State, f32),
        problem: &Problem,
        scale: Scale,
        method: &Method,
    ) -> State {
        let draw = &self.draw;
        // The prior of `bayes` has a mean of its own, so the centre of its rows does not matter.
        let of_lists = method.algorithm().objective() == Objective::Lists;
        let around_zero = !of_lists && method.believes_in_the_origin() && self.is_of(method.algorithm());
        let centres = centres(draw, around_zero);
        let common: f64 = centres.users.mean.iter().zip(&centres.items.mean).map(|(p, q)| p * q).sum();
        let constant = common + centres.users.bias + centres.items.bias;
        // Lists are not in units of ratings.
        let stretch = if of_lists { 1.0 } else { self.stretch(scale) };
        // The part of all predictions that neither factors nor biases contain.
        let rest = (f64::from(draw.mean) - scale.mean) / scale.deviation + f64::from(method.offset())
            - stretch * constant;
        let rest = if of_lists { 0.0 } else { rest };
        let weighted = method.has_weights();
        // The users' biases absorb it.
        let rest = Sides { users: rest, items: 0.0 };
        let mut fresh = fresh;
        Sides::from_fn(|side| {
            let DrawSide { factors, bias, weight } = draw.side(side);
            let weight: &[f32] = if weighted { weight } else { &[] };
            let (known, position) = (&self.known[side], &problem.staged.position[side]);
            let rows = Rows { known, position, factors, bias, weight, stretch, rest: rest[side] };
            rows.over(take(&mut fresh[side]), width, (&centres[side], &centres[side.other()]))
        })
    }

    /// Estimates the gradient sums of the rows that the model contains: those of one epoch in which nothing
    /// moves, times the number of epochs that it was trained for. Such rows then move by small steps, and new
    /// rows by large ones. If another algorithm trained the model, the sums are unknown, and all rows begin
    /// with large steps.
    pub(in crate::train) fn settle_steps(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        method: &Method,
    ) -> Result<()> {
        if !self.is_of(method.algorithm()) {
            return Ok(());
        }
        let updates = Sides::from_fn(|side| method.settling(problem, side));
        let Sides { users: Some(users), items: Some(items) } = updates else { return Ok(()) };
        let updates = Sides { users, items };
        for stage in 0..engine.stages() {
            for side in Side::BOTH {
                engine.sweep(At { stage, side }, &updates[side])?;
            }
        }
        for side in Side::BOTH {
            let mut rows = engine.row_states(side)?;
            for (known, &position) in self.known[side].iter().zip(&problem.staged.position[side]) {
                let row = &mut rows[position as usize];
                let times = known.map_or(0.0, |_| self.epochs as f32);
                row.memory = row.memory.map(|sum| 1.0 + times * (sum - 1.0));
            }
            engine.set_row_states(side, &rows)?;
        }
        Ok(())
    }
}
