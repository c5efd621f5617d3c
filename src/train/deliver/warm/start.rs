//! A model to begin from.

use super::centres::centres;
use super::rows::Rows;
use crate::model::{DrawSide, Factors, Model};
use crate::ratings::{At, IdMap, Scale, Side, Sides};
use crate::train::algorithm::Method;
use crate::train::choices::Algorithm;
use crate::train::engine::Engine;
use crate::train::problem::Problem;
use crate::train::settings::Settings;
use crate::train::state::State;
use crate::{Error, Result};
use std::mem::take;

/// A model to begin from, in the numbers of the ratings to train on. Of several draws it is the last one.
#[derive(Debug, Clone)]
pub struct WarmStart {
    draw: Factors,
    /// The model's row of each user and of each item, where it has one.
    known: Sides<Vec<Option<u32>>>,
    /// How it was trained, if it says so.
    made: Option<Settings>,
    /// For how many epochs.
    epochs: usize,
}

impl WarmStart {
    /// Begins from a model to train on ratings with these ids.
    ///
    /// # Errors
    /// [`Error::Usage`] if the model knows none of them, or its factors say nothing.
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

    /// How many of the users, and of the items, it knows.
    pub fn known(&self) -> Sides<usize> {
        self.known.as_ref().map(|rows| rows.iter().flatten().count())
    }

    /// Whether an algorithm trained it.
    fn is_of(&self, algorithm: Algorithm) -> bool {
        self.made.as_ref().is_some_and(|made| made.algorithm == algorithm)
    }

    /// How precise ratings are, in standard units of `scale`, if the model is one of `algorithm`.
    pub(in crate::train) fn precision(&self, scale: Scale, algorithm: Algorithm) -> Option<f64> {
        let fold_in = self.draw.fold_in.as_ref().filter(|_| self.is_of(algorithm))?;
        Some(f64::from(fold_in.precision) / self.stretch(scale).powi(2))
    }

    /// The length of the model's standard unit.
    fn stretch(&self, scale: Scale) -> f64 {
        f64::from(self.draw.scale) / scale.deviation
    }

    /// The state to begin in. `fresh` is what training begins in without a model, its numbers evenly from `width` around
    /// zero.
    pub(in crate::train) fn state(
        &self,
        (fresh, width): (State, f32),
        problem: &Problem,
        scale: Scale,
        method: &Method,
    ) -> State {
        let draw = &self.draw;
        // `bayes` does not care where rows lie.
        let around_zero = method.believes_in_the_origin() && self.is_of(method.algorithm());
        let centres = centres(draw, around_zero);
        let common: f64 = centres.users.mean.iter().zip(&centres.items.mean).map(|(p, q)| p * q).sum();
        let constant = common + centres.users.bias + centres.items.bias;
        let stretch = self.stretch(scale);
        // What predictions have in all, and factors and biases do not.
        let rest = (f64::from(draw.mean) - scale.mean) / scale.deviation + f64::from(method.offset())
            - stretch * constant;
        let weighted = method.has_weights();
        // The users' biases take it in.
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

    /// Gives each row of `sgd` that the model knows the gradient sums of its training, about: as many times those of one
    /// epoch in which nothing moves as it ran epochs. So it moves by small steps, and new rows by large ones.
    /// Of a model of another algorithm nothing is known of that, and all rows begin with large steps.
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
