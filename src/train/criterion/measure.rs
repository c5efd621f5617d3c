//! Measures a criterion on ratings that are not trained on.

use super::kind::Criterion;
use super::measured::Measured;
use super::score::Score;
use super::{lists, rmse};
use crate::train::problem::{Problem, Set};
use crate::{Error, Result};

impl Criterion {
    /// The score on a set of ratings; `None` if the set is empty. `deviation` is rating units per standard
    /// unit.
    pub(in crate::train) fn measure(
        self,
        measured: Measured,
        problem: &Problem,
        set: Set,
        deviation: f64,
    ) -> Result<Option<Score>> {
        if problem.set(set).is_empty() {
            return Ok(None);
        }
        let value = match self {
            Self::Rmse => rmse::measure(measured, problem, set, deviation)?,
            Self::Lists(metric, length) => match measured {
                Measured::State(engine, _) => lists::measure(engine, problem, set, (metric, length))?,
                Measured::Predictions(_) => {
                    return Err(Error::Bug("lists of predictions for a few pairs".into()));
                }
            },
        };
        Ok(Some(Score { criterion: self, value }))
    }

    /// The score of always predicting the mean of the training ratings, on the held-out ratings; `None` if
    /// there are none, or if the criterion cannot be measured on predictions.
    pub(in crate::train) fn of_the_mean(self, problem: &Problem, deviation: f64) -> Option<f64> {
        self.of_nothing(problem, deviation, 0.0).filter(|_| !problem.held_out.is_empty())
    }

    /// The score of predicting the mean for the held-out ratings, where training places the mean at `offset`.
    /// A state has diverged if it is much worse than this and than all earlier ones. `None` if the criterion
    /// cannot show divergence.
    pub(in crate::train) fn of_nothing(self, problem: &Problem, deviation: f64, offset: f32) -> Option<f64> {
        match self {
            Self::Rmse => Some(rmse::of_the_mean(problem, deviation, offset)),
            Self::Lists(..) => None,
        }
    }
}
