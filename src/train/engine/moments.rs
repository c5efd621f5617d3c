//! Sums over the rows of a side: partial sums from the engine, added on the host in `f64`.

use crate::math::Square;

/// Partial sums over the rows of a side, in the order of the rows. The cut into parts depends on the data
/// alone.
#[derive(Debug, Clone, PartialEq)]
pub struct MomentParts {
    factors: usize,
    /// For each part, the upper triangle of the sum of `z z'` with `z = (factors, 1, -bias)`, row by row.
    triangles: Vec<f32>,
}

impl MomentParts {
    /// No parts yet, for rows of `factors` factors.
    pub fn new(factors: usize) -> Self {
        Self { factors, triangles: Vec::new() }
    }

    /// Adds a part. `entry(row, column)` gives its entries with `column >= row`.
    pub fn push(&mut self, entry: impl Fn(usize, usize) -> f32) {
        let size = self.factors + 2;
        let triangle = (0..size).flat_map(|row| (row..size).map(move |column| (row, column)));
        self.triangles.extend(triangle.map(|(row, column)| entry(row, column)));
    }

    /// Adds the parts that follow these.
    pub fn append(&mut self, mut behind: Self) {
        self.triangles.append(&mut behind.triangles);
    }

    /// The number of factors of a row.
    pub(super) fn factors(&self) -> usize {
        self.factors
    }

    /// The numbers of all parts.
    pub(super) fn as_slice(&self) -> &[f32] {
        &self.triangles
    }

    /// The parts of these numbers.
    pub(super) fn from_numbers(factors: usize, triangles: Vec<f32>) -> Self {
        Self { factors, triangles }
    }

    /// Adds the parts in their order.
    pub fn fold(&self) -> Moments {
        let size = self.factors + 2;
        let at = move |row: usize, column: usize| row * (2 * size + 1 - row) / 2 + column - row;
        let triangles = self.triangles.chunks_exact(size * (size + 1) / 2);
        Moments::of(self.factors, triangles.map(|part| move |row, column| part[at(row, column)]))
    }
}

/// Sums over rows `x = (factors, bias)` of `k + 1` numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// The number of rows.
    pub count: f64,
    /// The sum of `x`.
    pub sum: Vec<f64>,
    /// The sum of `x x'`.
    pub product: Square,
}

impl Moments {
    /// Adds partial sums in their order. A part gives the entries of the upper triangle of the sum of `z z'`
    /// with `z = (factors, 1, -bias)`.
    fn of<Part: Fn(usize, usize) -> f32>(factors: usize, parts: impl IntoIterator<Item = Part>) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rows by hand, `(1, 2)` and `(3, -1)`, each a factor and a bias, in a part of its own.
    #[test]
    fn parts_are_put_together() {
        let parts = |rows: &[[f32; 2]]| {
            let mut parts = MomentParts::new(1);
            for [factor, bias] in rows {
                let z = [*factor, 1.0, -bias];
                parts.push(|row, column| z[row] * z[column]);
            }
            parts
        };
        let mut all = parts(&[[1.0, 2.0]]);
        all.append(parts(&[[3.0, -1.0]]));
        let moments = all.fold();
        assert!((moments.count - 2.0).abs() < 1e-12 && (moments.mean()[1] - 0.5).abs() < 1e-12);
        let found = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(row, column)| moments.product.get(row, column));
        assert!(found.iter().zip([10.0, -1.0, -1.0, 5.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    }
}
