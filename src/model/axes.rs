//! The principal axes of the factors: the directions in which users differ most. A rotation of the factors
//! does not change them.

use super::Factors;
use crate::math::{Matrix, Square};

/// The number of rows from which axes are computed, spread evenly over all rows; more would change little.
const ROWS: usize = 20_000;

/// A direction in which users differ, and the items' coordinates on it.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalAxis {
    /// The standard deviation, over the items, of the change in rating that one standard deviation of the
    /// users along the axis makes, in rating units.
    pub strength: f64,
    /// For each item, how many rating units higher than the average user a user one standard deviation along
    /// the axis rates it.
    pub items: Vec<f32>,
}

impl Factors {
    /// The `count` strongest axes, strongest first: the singular vectors of the table `P Q'`, restricted to
    /// rows whose factors are not all zero. Each axis is oriented so that the item farthest along it is on
    /// the positive side.
    pub fn principal_axes(&self, count: usize) -> Vec<PrincipalAxis> {
        let (users, items) = (spread(&self.users), spread(&self.items));
        // With `P'P = n L L'` the users' coordinates `P L'^-1` have unit variance and are uncorrelated, and
        // the items' coordinates `Q L` are their effect.
        let lower = users.cholesky().into_square();
        let found = lower.around(&items).leading(count.min(users.size()));
        let axis = |(variance, vector): (f64, Vec<f64>)| {
            let direction = lower.times(&vector);
            let along = |row: usize| {
                let inner: f64 =
                    self.items.row(row).iter().zip(&direction).map(|(&q, d)| f64::from(q) * d).sum();
                (f64::from(self.scale) * inner) as f32
            };
            let mut items: Vec<f32> = (0..self.items.rows()).map(along).collect();
            let farthest = items.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
            if farthest.is_some_and(|farthest| farthest < 0.0) {
                items.iter_mut().for_each(|item| *item = -*item);
            }
            PrincipalAxis { strength: f64::from(self.scale) * variance.max(0.0).sqrt(), items }
        };
        found.into_iter().filter(|(variance, _)| *variance > 0.0).map(axis).collect()
    }
}

/// The mean of `x x'` over the rows that are not all zeros.
fn spread(rows: &Matrix) -> Square {
    let mut sum = Square::diagonal(rows.columns(), 0.0);
    let mut count = 0.0;
    for row in (0..rows.rows()).step_by(rows.rows().div_ceil(ROWS).max(1)) {
        let row: Vec<f64> = rows.row(row).iter().map(|&number| f64::from(number)).collect();
        if row.iter().any(|number| *number != 0.0) {
            sum.add_outer(1.0, &row);
            count += 1.0;
        }
    }
    sum.scaled(1.0 / f64::max(count, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two tastes, one twice as strong: users `a (3, 0)` and `b (0, 1)` in all four combinations of sign, and
    /// likewise items.
    fn planted() -> (Matrix, Matrix) {
        let signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let table =
            |a: f32, b: f32| Matrix::from_vec(4, 2, signs.iter().flat_map(|(x, y)| [a * x, b * y]).collect());
        (table(3.0, 1.0), table(0.2, 0.3))
    }

    #[test]
    fn a_turn_changes_nothing() {
        let (users, items) = planted();
        // `P T` and `Q T'^-1` have the same product.
        let (t, inverse) = ([[2.0, 1.0], [1.0, 1.0]], [[1.0, -1.0], [-1.0, 2.0]]);
        let turned = |rows: &Matrix, by: &[[f32; 2]; 2]| {
            let row = |n: usize| [0, 1].map(|c| (0..2).map(|m| rows.row(n)[m] * by[m][c]).sum::<f32>());
            Matrix::from_vec(4, 2, (0..4).flat_map(row).collect())
        };
        let transposed = [[inverse[0][0], inverse[1][0]], [inverse[0][1], inverse[1][1]]];
        let plain = Factors { users: users.clone(), items: items.clone(), scale: 2.0, ..Factors::default() };
        let other = Factors {
            users: turned(&users, &t),
            items: turned(&items, &transposed),
            scale: 2.0,
            ..Factors::default()
        };
        for factors in [plain, other] {
            let axes = factors.principal_axes(5);
            assert_eq!(axes.len(), 2);
            for (axis, strength) in axes.iter().zip([1.2, 0.6]) {
                assert!((axis.strength - strength).abs() < 1e-5, "{axes:?}");
                assert!(
                    axis.items.iter().all(|item| (f64::from(item.abs()) - strength).abs() < 1e-5),
                    "{axes:?}"
                );
            }
            assert!((axes[0].items[0] - axes[0].items[1]).abs() < 1e-5, "by the first taste: {axes:?}");
            assert!((axes[1].items[0] - axes[1].items[2]).abs() < 1e-5, "by the second: {axes:?}");
        }
    }

    #[test]
    fn without_factors_there_are_none() {
        let nothing = Factors {
            users: Matrix::zeros(3, 2),
            items: Matrix::zeros(4, 2),
            scale: 1.0,
            ..Factors::default()
        };
        assert!(nothing.principal_axes(3).is_empty());
        assert!(Factors::default().principal_axes(3).is_empty());
    }
}
