//! The units of a model that training begins from. Its ratings may have had another scale than those to train
//! on: five stars that became ten, or a hundred points.

use super::start::WarmStart;
use crate::model::Model;
use crate::ratings::{Ratings, Scale};
use crate::{Error, Result};
use rayon::prelude::*;

/// A model whose predictions are farther off than this many times those of the mean speaks of other units.
const OFF: f64 = 1.25;

/// A model that is farther off than this in the best units says nothing of the ratings, and training would
/// diverge.
const LOST: f64 = 1.5;

/// Ratings in a partial sum; fixed, so that the result does not depend on the threads.
const PARTIAL: usize = 8192;

/// The ranges of ratings that differ: those of the model, and those to train on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rescaled {
    /// The lowest and the highest rating of the model.
    pub from: (f32, f32),
    /// The lowest and the highest rating to train on.
    pub to: (f32, f32),
}

impl WarmStart {
    /// Brings a model of ratings to the units of the ratings to train on, if it predicts them better so: its
    /// mean becomes theirs, and its deviation too. A model that predicts them in its own units stays as it
    /// is.
    ///
    /// # Errors
    /// [`Error::Input`] if the model predicts the ratings in neither units.
    pub fn in_units_of(self, model: &Model, ratings: &Ratings) -> Result<(Self, Option<Rescaled>)> {
        if model.is_of_lists() || ratings.is_empty() {
            return Ok((self, None));
        }
        let scale = Scale::of(ratings);
        let units = self.units();
        let own = self.error(ratings, units);
        if own <= OFF * scale.deviation {
            return Ok((self, None));
        }
        let (mean, deviation) = model.about.metrics().map_or(units, |made| (made.mean, made.deviation));
        let stretch = scale.deviation / deviation;
        let theirs = (scale.mean + (units.0 - mean) * stretch, units.1 * stretch);
        let error = self.error(ratings, theirs);
        let least = own.min(error);
        if !least.is_finite() || least > LOST * scale.deviation {
            let ((from, to), Scale { low, high, mean: now, .. }) = (model.range, scale);
            return Err(Error::Input(format!(
                "the ratings, {low} to {high} with mean {now:.4}, do not suit the model to begin from: it was trained on \
                 {from} to {to} with mean {mean:.4}, and predicts them worse than their mean does, in its units and in \
                 theirs; train without it"
            )));
        }
        if own <= error {
            return Ok((self, None));
        }
        let rescaled = Rescaled { from: model.range, to: (scale.low, scale.high) };
        Ok((self.with_units(theirs), Some(rescaled)))
    }

    /// The root mean square error of the model's predictions for ratings, with a mean and a scale of these
    /// units.
    fn error(&self, ratings: &Ratings, (mean, scale): (f64, f64)) -> f64 {
        let parts: Vec<f64> = (0..ratings.len().div_ceil(PARTIAL))
            .into_par_iter()
            .map(|part| {
                let part = part * PARTIAL..ratings.len().min((part + 1) * PARTIAL);
                let error = |at: usize| {
                    let predicted = mean + scale * self.predict(ratings.users[at], ratings.items[at]);
                    (f64::from(ratings.values[at]) - predicted).powi(2)
                };
                part.map(error).sum()
            })
            .collect();
        (parts.iter().sum::<f64>() / ratings.len() as f64).sqrt()
    }
}
