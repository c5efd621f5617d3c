//! Implicit features: which users rated an item, explained by the same factors (docs/maths.md, "Implicit
//! features").

use crate::Result;
use crate::math::Square;
use crate::ratings::Side;
use crate::train::engine::{Engine, Vectors};
use crate::train::problem::Problem;
use crate::train::row::normal::{ImplicitNumbers, Quadratic};

/// The regularization of the implicit features. It keeps them bounded where factors hardly vary.
pub(in crate::train) const IMPLICIT_REGULARIZATION: f64 = 1.0;

/// The default weight of a cell is this number over the mean number of ratings an item (docs/maths.md,
/// "Implicit features").
const WEIGHT: f32 = 200.0;

/// The default weight of the implicit features for a problem.
pub(super) fn suited_weight(problem: &Problem) -> f32 {
    let items = problem.staged.known(Side::Item).0.len();
    WEIGHT * items as f32 / problem.staged.ratings.max(1) as f32
}

/// Prepares the implicit features for a sweep over `side`. For items with a positive weight it computes the
/// users' implicit features from the items' factors, and returns their share in every item's equations,
/// whoever rated it, and the weight of a rated cell. For users, and for weight 0, both are zero.
pub(super) fn prepare(
    engine: &mut dyn Engine,
    side: Side,
    (factors, weight): (usize, f32),
) -> Result<(Quadratic, f32)> {
    if weight <= 0.0 || side == Side::User {
        return Ok((Quadratic::none(factors), 0.0));
    }
    let own = engine.moments(side, Vectors::Factors)?;
    let (numbers, mean) = implicit_numbers(&own.scatter(), &own.mean(), factors);
    engine.make_implicit(side.other(), &numbers)?;
    let vectors = engine.moments(side.other(), Vectors::Implicit)?;
    Ok((shared(&vectors.product, &mean, weight), weight))
}

/// The contribution of the implicit features to the equations of every row of a side whose mean row is
/// `mean`. `product` is the sum over them of `z z'` with `z = (implicit feature vector, minus the share of
/// the side's rows that rated)`.
pub(in crate::train) fn shared(product: &Square, mean: &[f64], weight: f32) -> Quadratic {
    let factors = mean.len();
    let mut matrix = Square::diagonal(factors + 1, 0.0);
    let mut pull = vec![0f32; factors + 1];
    for (row, pull) in pull[..factors].iter_mut().enumerate() {
        let mut sum = product.get(row, factors);
        for (column, mean) in mean.iter().enumerate() {
            let product = product.get(row, column);
            *matrix.at(row, column) = f64::from(weight) * product;
            sum += product * mean;
        }
        *pull = (f64::from(weight) * sum) as f32;
    }
    Quadratic { matrix: matrix.to_matrix(), pull }
}

/// The parameters of a sweep that explains who rated what by the factors of a side, given the scatter and the
/// mean of that side's rows; and the mean. The bias takes no part.
pub(in crate::train) fn implicit_numbers(
    scatter: &Square,
    mean: &[f64],
    factors: usize,
) -> (ImplicitNumbers, Vec<f64>) {
    let mut regularized = Square::diagonal(factors, IMPLICIT_REGULARIZATION);
    for row in 0..factors {
        for column in 0..factors {
            *regularized.at(row, column) += scatter.get(row, column);
        }
    }
    let mean = mean[..factors].to_vec();
    let numbers = ImplicitNumbers {
        matrix: regularized.inverse().to_matrix(),
        mean: mean.iter().map(|&mean| mean as f32).collect(),
    };
    (numbers, mean)
}
