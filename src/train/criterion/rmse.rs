//! The root mean squared error of predictions, which are clipped to the range of the data.

use super::measured::Measured;
use crate::Result;
use crate::train::problem::{Problem, Set};

/// The error in rating units.
pub(super) fn measure(measured: Measured, problem: &Problem, set: Set, deviation: f64) -> Result<f64> {
    let ratings = problem.set(set);
    let sum = match measured {
        Measured::State(engine, offset) => engine.squared_error(set, offset)?,
        Measured::Predictions(predictions) => {
            let (low, high) = problem.range;
            let error = |(prediction, &value): (f64, &f32)| {
                (f64::from(value) - prediction.clamp(low.into(), high.into())).powi(2)
            };
            predictions.into_iter().zip(&ratings.values).map(error).sum()
        }
    };
    Ok(in_rating_units(sum, ratings.len(), deviation))
}

/// The error of predicting the mean for every held-out rating.
pub(super) fn of_the_mean(problem: &Problem, deviation: f64, offset: f32) -> f64 {
    let held_out = &problem.held_out.values;
    let square = held_out.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>();
    deviation * (square / held_out.len() as f64).sqrt().hypot(offset.into())
}

/// The error in rating units, from a sum of `count` squares in standard units.
pub(super) fn in_rating_units(sum: f64, count: usize, deviation: f64) -> f64 {
    deviation * (sum / count as f64).sqrt()
}
