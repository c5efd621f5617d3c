//! The units of a model that training begins from. Its ratings may have had another scale than those to train
//! on: five stars that became ten, or a hundred points.

use super::start::WarmStart;
use crate::model::Model;
use crate::ratings::{Scale, Triples};
use crate::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A model whose predictions are farther off than this many times those of the mean speaks of other units.
const OFF: f64 = 1.25;

/// A model that is farther off than this in the best units says nothing of the ratings, and training would
/// diverge.
const LOST: f64 = 1.5;

/// Ratings in a partial sum; fixed, so that the result does not depend on the threads.
const PARTIAL: usize = 8192;

/// The range of some ratings, and their mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The lowest rating.
    pub low: f32,
    /// The highest rating.
    pub high: f32,
    /// The mean.
    pub mean: f64,
}

/// Ratings of different scales: those of a model, and those to train on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rescaled {
    /// The ratings of the model.
    pub from: Span,
    /// The ratings to train on.
    pub to: Span,
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { low, high, mean } = self;
        write!(formatter, "{low} to {high} with mean {mean:.4}")
    }
}

impl WarmStart {
    /// Brings a model of ratings to the units of the ratings to train on, if it predicts them better so: its
    /// mean becomes theirs, and its deviation too. A model that predicts them in its own units stays as it
    /// is.
    ///
    /// # Errors
    /// [`Error::Input`] if the model predicts the ratings in neither units; those of reading the ratings.
    pub fn in_units_of(self, model: &Model, ratings: &dyn Triples) -> Result<(Self, Option<Rescaled>)> {
        if model.is_of_lists() || ratings.is_empty() {
            return Ok((self, None));
        }
        let scale = Scale::over(ratings)?;
        let units = self.units();
        let own = self.error(ratings, units)?;
        if own <= OFF * scale.deviation {
            return Ok((self, None));
        }
        let (mean, deviation) = model
            .about
            .metrics()
            .filter(|made| made.deviation > 0.0)
            .map_or(units, |made| (made.mean, made.deviation));
        let stretch = scale.deviation / deviation;
        let theirs = (scale.mean + (units.0 - mean) * stretch, units.1 * stretch);
        let error = self.error(ratings, theirs)?;
        let from = Span { low: model.range.0, high: model.range.1, mean };
        let to = Span { low: scale.low, high: scale.high, mean: scale.mean };
        let least = own.min(error);
        if !least.is_finite() || least > LOST * scale.deviation {
            return Err(Error::Input(format!(
                "the ratings, {to}, do not suit the model to begin from: it was trained on {from}, and predicts them \
                 worse than their mean does, in its units and in theirs; train without it"
            )));
        }
        if own <= error {
            return Ok((self, None));
        }
        Ok((self.with_units(theirs), Some(Rescaled { from, to })))
    }

    /// The root mean square error of the model's predictions for ratings, with a mean and a scale of these
    /// units.
    fn error(&self, ratings: &dyn Triples, (mean, scale): (f64, f64)) -> Result<f64> {
        let mut parts: Vec<f64> = Vec::new();
        ratings.each(&mut |_, chunk| {
            parts.par_extend((0..chunk.len().div_ceil(PARTIAL)).into_par_iter().map(|part| {
                let part = part * PARTIAL..chunk.len().min((part + 1) * PARTIAL);
                let error = |at: usize| {
                    let predicted = mean + scale * self.predict(chunk.users[at], chunk.items[at]);
                    (f64::from(chunk.values[at]) - predicted).powi(2)
                };
                part.map(error).sum::<f64>()
            }));
            Ok(())
        })?;
        Ok((parts.iter().sum::<f64>() / ratings.len() as f64).sqrt())
    }
}
