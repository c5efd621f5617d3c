//! Sums over the rows of a side, made on the device in parts and put together here in `f64`.

use crate::math::Square;

/// Sums over rows `x = (factors, bias)` of `k + 1` numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// How many rows.
    pub count: f64,
    /// The sum of `x`.
    pub sum: Vec<f64>,
    /// The sum of `x x'`.
    pub product: Square,
}

impl Moments {
    /// Puts partial sums together in their order. A part gives the entries of the upper triangle of the sum of `z z'`
    /// with `z = (factors, 1, -bias)`.
    pub(super) fn of<Part: Fn(usize, usize) -> f32>(
        factors: usize,
        parts: impl IntoIterator<Item = Part>,
    ) -> Self {
        let n = factors + 1;
        let mut this = Self { count: 0.0, sum: vec![0.0; n], product: Square::diagonal(n, 0.0) };
        for part in parts {
            this.count += f64::from(part(factors, factors));
            for row in 0..factors {
                this.sum[row] += f64::from(part(row, factors));
                *this.product.at(row, factors) -= f64::from(part(row, n));
                for column in row..factors {
                    *this.product.at(row, column) += f64::from(part(row, column));
                }
            }
            this.sum[factors] -= f64::from(part(factors, n));
            *this.product.at(factors, factors) += f64::from(part(n, n));
        }
        for row in 0..n {
            for column in 0..row {
                *this.product.at(row, column) = this.product.get(column, row);
            }
        }
        this
    }

    /// The mean row.
    pub fn mean(&self) -> Vec<f64> {
        self.sum.iter().map(|sum| sum / self.count.max(1.0)).collect()
    }

    /// The sum of `(x - mean)(x - mean)'`.
    pub fn scatter(&self) -> Square {
        let mut scatter = self.product.clone();
        scatter.add_outer(-self.count, &self.mean());
        scatter
    }
}
