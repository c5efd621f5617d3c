//! The hyper-parameters of the Bayesian model, drawn on the host from sums that the device computes.

use crate::math::Square;
use crate::math::philox::{Purpose, Stream};
use crate::ratings::Side;
use crate::train::engine::Moments;
use rand_distr::{Distribution, Gamma, StandardNormal};
use serde::{Deserialize, Serialize};

/// The number of rows at the origin that the prior of the mean counts as (β₀).
const BETA: f64 = 2.0;

/// The diagonal of the inverse scale matrix of the Wishart prior (W₀⁻¹).
const SPREAD: f64 = 1.0;

/// The prior of the rows of a side, as `precision` and `precision mean`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Hyper {
    pub(super) precision: Square,
    pub(super) pull: Vec<f64>,
}

impl Hyper {
    /// Draws mean and precision from their Normal-Wishart posterior given the rows (Salakhutdinov, Mnih 2008,
    /// equation 14). The prior has as many degrees of freedom as a row has numbers.
    pub(super) fn draw(moments: &Moments, stream: &mut Stream) -> Self {
        let (size, count) = (moments.sum.len(), moments.count);
        let mean = moments.mean();
        let mut inverse_scale = moments.scatter();
        inverse_scale.add(SPREAD, &Square::diagonal(size, 1.0));
        inverse_scale.add_outer(BETA * count / (BETA + count), &mean);
        let precision = wishart(&inverse_scale, size as f64 + count, stream);
        // The mean is normal with precision (β₀ + n) Λ, so it is drawn as a standard normal vector in units
        // of that precision.
        let noise = (0..size).map(|_| normal(stream) / (BETA + count).sqrt()).collect();
        let mean = precision.cholesky().solve_transposed(noise);
        let mean: Vec<f64> =
            mean.iter().zip(&moments.sum).map(|(noise, sum)| noise + sum / (BETA + count)).collect();
        Self { pull: precision.times(&mean), precision }
    }
}

/// A draw from the Wishart distribution with scale matrix `inverse_scale^-1`, by its Cholesky factor
/// (Bartlett 1933).
fn wishart(inverse_scale: &Square, freedom: f64, stream: &mut Stream) -> Square {
    let size = inverse_scale.size();
    let scale = inverse_scale.inverse().cholesky();
    let mut triangle = Square::diagonal(size, 0.0);
    for row in 0..size {
        for column in 0..row {
            *triangle.at(row, column) = normal(stream);
        }
        *triangle.at(row, row) = (2.0 * gamma(0.5 * (freedom - row as f64), stream)).sqrt();
    }
    let mut draw = Square::diagonal(size, 0.0);
    for column in 0..size {
        let column: Vec<f64> = (0..size).map(|row| triangle.get(row, column)).collect();
        draw.add_outer(1.0, &scale.times(&column));
    }
    draw
}

/// A standard normal number.
fn normal(stream: &mut Stream) -> f64 {
    StandardNormal.sample(stream)
}

/// A gamma-distributed number: its density is proportional to `x^(shape - 1) e^-x`.
pub(super) fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    // The shape is positive by construction. If it rounds to zero, so does the number.
    Gamma::new(shape, 1.0).map_or(0.0, |gamma| gamma.sample(stream))
}

/// The random stream for the hyper-parameters of one side in one draw.
pub(super) fn stream(seed: u64, draw: usize, side: Side) -> Stream {
    Stream::new(seed, Purpose::Hyper, 2 * draw as u64 + side.index() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut stream = stream(1, 0, Side::User);
        let mut inverse_scale = Square::diagonal(2, 2.0);
        inverse_scale.add_outer(1.0, &[1.0, -0.5]);
        let expected = inverse_scale.inverse().scaled(30.0);
        let mut mean = Square::diagonal(2, 0.0);
        for _ in 0..4000 {
            mean.add(1.0 / 4000.0, &wishart(&inverse_scale, 30.0, &mut stream));
        }
        for (row, column) in [(0, 0), (0, 1), (1, 1)] {
            let (found, expected) = (mean.get(row, column), expected.get(row, column));
            assert!((found - expected).abs() < 0.15, "{row} {column}: {found} {expected}");
        }
    }

    #[test]
    fn many_rows_say_what_their_mean_and_precision_are() {
        let (count, mean) = (1e6, vec![0.5, -1.0]);
        let mut product = Square::diagonal(2, 0.25 * count);
        product.add_outer(count, &mean);
        let moments = Moments { count, sum: mean.iter().map(|mean| mean * count).collect(), product };
        let hyper = Hyper::draw(&moments, &mut stream(1, 1, Side::Item));
        assert!((hyper.precision.get(0, 0) - 4.0).abs() < 0.05, "{hyper:?}");
        assert!((hyper.pull[0] - 2.0).abs() < 0.05 && (hyper.pull[1] + 4.0).abs() < 0.05, "{hyper:?}");
    }
}
