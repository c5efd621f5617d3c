//! What a model knows about rows that it has not seen: enough to fold them in later.

use crate::math::Square;
use crate::ratings::Side;
use serde::{Deserialize, Serialize};

/// The parameters of the row update that trained a model, in standard units (docs/maths.md, "Fold-in").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldIn {
    /// The weight of a rating.
    pub precision: f32,
    /// The exponent of the weighting: the prior of a row with `n` ratings counts `n^power` times.
    pub power: f32,
    /// The weight of an implicit-feedback cell (whether a user rated an item); 0 if implicit features are
    /// off.
    pub implicit_weight: f32,
    /// The weight of any pair of a user and an item, rated or not; 0 if only ratings count.
    pub unobserved_weight: f32,
    /// The belief about users.
    pub users: Belief,
    /// The belief about items.
    pub items: Belief,
}

impl FoldIn {
    /// The belief about a side.
    pub fn side(&self, side: Side) -> &Belief {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }
}

/// A Gaussian belief about a row before its ratings are seen: about its factors and, last, its bias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Belief {
    /// The inverse of its covariance.
    pub precision: Square,
    /// The precision times its mean.
    pub pull: Vec<f64>,
}

impl Belief {
    /// A belief with this precision, and this precision times mean.
    pub fn new(precision: Square, pull: Vec<f64>) -> Self {
        Self { precision, pull }
    }

    /// The same belief about `x' = T (x - center)`, where `T` keeps the factors and adds `tilt . factors` to
    /// the bias.
    #[must_use]
    pub fn moved(&self, center: &[f64], tilt: &[f64]) -> Self {
        let size = self.pull.len();
        let mut back = Square::diagonal(size, 1.0);
        tilt.iter().enumerate().for_each(|(factor, tilt)| *back.at(size - 1, factor) = -tilt);
        let shift = self.precision.times(center);
        let mut pull: Vec<f64> = self.pull.iter().zip(shift).map(|(pull, shift)| pull - shift).collect();
        let bias = pull[size - 1];
        pull.iter_mut().zip(tilt).for_each(|(pull, tilt)| *pull -= tilt * bias);
        Self { precision: back.around(&self.precision), pull }
    }

    /// The mean.
    pub fn mean(&self) -> Vec<f64> {
        let lower = self.precision.cholesky();
        lower.solve_transposed(lower.solve(self.pull.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_belief_has_the_moved_mean() {
        let mut precision = Square::diagonal(3, 2.0);
        precision.add_outer(1.0, &[1.0, -0.5, 0.3]);
        let mean = [0.3, -0.2, 1.0];
        let belief = Belief::new(precision.clone(), precision.times(&mean));
        let (center, tilt) = ([0.1, 0.2, 0.4], [0.7, -0.9]);
        let moved = belief.moved(&center, &tilt);
        let rest: Vec<f64> = mean.iter().zip(center).map(|(mean, center)| mean - center).collect();
        let expected = [rest[0], rest[1], rest[2] + 0.7 * rest[0] - 0.9 * rest[1]];
        let found = moved.mean();
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
        // How far apart two rows are does not change.
        let distance = |precision: &Square, d: &[f64]| -> f64 {
            precision.times(d).iter().zip(d).map(|(a, b)| a * b).sum()
        };
        let step = [0.5, 1.0, -0.3];
        let moved_step = [0.5, 1.0, -0.3 + 0.35 - 0.9];
        assert!((distance(&precision, &step) - distance(&moved.precision, &moved_step)).abs() < 1e-12);
    }
}
