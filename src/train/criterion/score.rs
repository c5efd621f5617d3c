//! A number together with the criterion that it measures.

use super::kind::{Criterion, Direction};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A measured value of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The criterion that was measured.
    pub criterion: Criterion,
    /// The measured value.
    pub value: f64,
}

impl Score {
    /// The value, if it was measured by this criterion.
    pub fn of(self, criterion: Criterion) -> Option<f64> {
        (self.criterion == criterion).then_some(self.value)
    }

    /// `Less` if this score is better than another one of the same criterion. NaN is worse than any number.
    pub fn order(&self, other: &Self) -> Ordering {
        let (a, b) = match self.criterion.direction() {
            Direction::Lowest => (self.value, other.value),
            Direction::Highest => (other.value, self.value),
        };
        match (self.value.is_nan(), other.value.is_nan()) {
            (false, false) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (a, b) => a.cmp(&b),
        }
    }

    /// The fraction of another score of the same criterion by which this one is better; below 0 if it is worse.
    pub fn gain_over(&self, other: &Self) -> f64 {
        let gain = (self.value - other.value) / other.value.abs();
        match self.criterion.direction() {
            Direction::Lowest => -gain,
            Direction::Highest => gain,
        }
    }

    /// Whether this score is better than another one of the same criterion.
    pub fn better_than(&self, other: &Self) -> bool {
        self.order(other).is_lt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_score_comes_first() {
        let rmse = |value| Score { criterion: Criterion::Rmse, value };
        let cases = [(0.8, 0.9, true), (0.9, 0.8, false), (0.8, 0.8, false), (0.8, f64::NAN, true)];
        for (a, b, better) in cases {
            assert_eq!(rmse(a).better_than(&rmse(b)), better, "{a} {b}");
        }
        assert!(!rmse(f64::NAN).better_than(&rmse(0.8)));
        assert!(rmse(9.0).better_than(&rmse(Criterion::Rmse.worst())));
        assert_eq!(rmse(0.8).of(Criterion::Rmse), Some(0.8));
        assert!(
            (rmse(0.9).gain_over(&rmse(1.0)) - 0.1).abs() < 1e-12 && rmse(1.1).gain_over(&rmse(1.0)) < 0.0
        );
    }
}
