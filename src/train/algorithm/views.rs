//! Views: who rated an item, explained by the same factors (docs/maths.md, "Views").

use crate::Result;
use crate::math::Square;
use crate::ratings::Side;
use crate::train::engine::{Engine, Vectors};
use crate::train::problem::Problem;
use crate::train::row::normal::{ImplicitNumbers, Quadratic};

/// What keeps the view vectors from growing without bound where factors hardly vary.
pub(in crate::train) const VIEW_REGULARIZATION: f64 = 1.0;

/// A cell of who rated what weighs this over the number of ratings an item, unless something else is set
/// (docs/maths.md, "Views").
const WEIGHT: f32 = 200.0;

/// The weight of views that suits a problem.
pub(super) fn suited_weight(problem: &Problem) -> f32 {
    let items = problem.staged.known(Side::Item).0.len();
    WEIGHT * items as f32 / problem.staged.ratings.max(1) as f32
}

/// What who rated them says about all rows of a side: computes the users' view vectors from the items' factors, and gives
/// what they say about every item, rated by a user or not, and what a rating's cell weighs. About users, and with weight
/// 0, that is nothing.
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
    let views = engine.moments(side.other(), Vectors::Implicit)?;
    Ok((shared(&views.product, &mean, weight), weight))
}

/// What view vectors say about every row of a side whose mean is `mean`. `product` is the sum over them of `z z'`
/// with `z = (view vector, minus the share of the side's rows that rated)`.
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

/// The numbers by which a side with this scatter and mean of factors (and bias, which takes no part) explains who
/// rated what, and the mean.
pub(in crate::train) fn implicit_numbers(
    scatter: &Square,
    mean: &[f64],
    factors: usize,
) -> (ImplicitNumbers, Vec<f64>) {
    let mut regularized = Square::diagonal(factors, VIEW_REGULARIZATION);
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
