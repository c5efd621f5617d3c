//! Measures a criterion on ratings that are not trained on.

use super::kind::Criterion;
use super::measured::Measured;
use super::rmse;
use super::score::Score;
use crate::Result;
use crate::train::problem::{Problem, Set};

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
        };
        Ok(Some(Score { criterion: self, value }))
    }

    /// The score of predicting the mean for the held-out ratings, where training places the mean at `offset`.
    /// A state has diverged if it is much worse than this and than all earlier ones. `None` if the criterion
    /// cannot show divergence.
    #[expect(clippy::unnecessary_wraps, reason = "a criterion of lists will not tell")]
    pub(in crate::train) fn of_nothing(self, problem: &Problem, deviation: f64, offset: f32) -> Option<f64> {
        match self {
            Self::Rmse => Some(rmse::of_the_mean(problem, deviation, offset)),
        }
    }
}
