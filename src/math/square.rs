//! Small dense symmetric matrices in `f64`, for computations that a sweep does once, not once per row.

use super::{Matrix, packed};
use serde::{Deserialize, Serialize};

/// An `n` x `n` matrix, row after row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Square {
    size: usize,
    #[serde(with = "packed")]
    data: Vec<f64>,
}

/// A matrix as it was stored, which may not be square.
#[derive(Deserialize)]
struct Stored {
    size: usize,
    #[serde(with = "packed")]
    data: Vec<f64>,
}

impl TryFrom<Stored> for Square {
    type Error = String;

    fn try_from(Stored { size, data }: Stored) -> Result<Self, String> {
        if size.checked_mul(size) == Some(data.len()) {
            Ok(Self { size, data })
        } else {
            Err(format!("found {} numbers, expected {size} x {size}", data.len()))
        }
    }
}

impl Square {
    /// A matrix with `number` on the diagonal and zeros elsewhere.
    pub fn diagonal(size: usize, number: f64) -> Self {
        let mut this = Self { size, data: vec![0.0; size * size] };
        (0..size).for_each(|n| *this.at(n, n) = number);
        this
    }

    /// A matrix over `data`, row after row.
    ///
    /// # Panics
    /// If `data` does not hold `size * size` numbers.
    pub fn from_vec(size: usize, data: Vec<f64>) -> Self {
        assert_eq!(data.len(), size * size, "a {size} x {size} matrix");
        Self { size, data }
    }

    /// All entries, row after row.
    pub fn as_slice(&self) -> &[f64] {
        &self.data
    }

    /// The number of rows, which is that of columns.
    pub fn size(&self) -> usize {
        self.size
    }

    /// An entry.
    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.data[row * self.size + column]
    }

    /// An entry, mutable.
    pub fn at(&mut self, row: usize, column: usize) -> &mut f64 {
        &mut self.data[row * self.size + column]
    }

    /// Adds `weight` times `x x'`.
    pub fn add_outer(&mut self, weight: f64, x: &[f64]) {
        for (row, &left) in self.data.chunks_exact_mut(self.size).zip(x) {
            row.iter_mut().zip(x).for_each(|(entry, right)| *entry += weight * left * right);
        }
    }

    /// Adds `weight` times another matrix, of at most the same size, to the upper left corner.
    pub fn add(&mut self, weight: f64, other: &Self) {
        for row in 0..other.size {
            for column in 0..other.size {
                *self.at(row, column) += weight * other.get(row, column);
            }
        }
    }

    /// Multiplies all entries by `number`.
    #[must_use]
    pub fn scaled(mut self, number: f64) -> Self {
        self.data.iter_mut().for_each(|entry| *entry *= number);
        self
    }

    /// The product with a vector.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        self.data.chunks_exact(self.size).map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum()).collect()
    }

    /// The product of the transposed matrix with a vector.
    pub fn transposed_times(&self, x: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.size];
        for (row, x) in self.data.chunks_exact(self.size).zip(x) {
            product.iter_mut().zip(row).for_each(|(sum, entry)| *sum += x * entry);
        }
        product
    }

    /// The product `self' other self`.
    #[must_use]
    pub fn around(&self, other: &Self) -> Self {
        let product = |left: &Self, right: &Self| {
            let mut product = Self::diagonal(self.size, 0.0);
            for row in 0..self.size {
                for inner in 0..self.size {
                    let factor = left.get(row, inner);
                    for column in 0..self.size {
                        *product.at(row, column) += factor * right.get(inner, column);
                    }
                }
            }
            product
        };
        let mut transposed = self.clone();
        for row in 0..self.size {
            for column in 0..self.size {
                *transposed.at(row, column) = self.get(column, row);
            }
        }
        product(&transposed, &product(other, self))
    }

    /// The lower triangle `L` with `L L'` equal to this positive definite matrix. If rounding made it not
    /// quite definite in some direction, it counts as singular there, and that direction has no weight.
    #[must_use]
    pub fn cholesky(&self) -> Lower {
        let mut lower = Self::diagonal(self.size, 0.0);
        for row in 0..self.size {
            for column in 0..=row {
                let done: f64 = (0..column).map(|n| lower.get(row, n) * lower.get(column, n)).sum();
                let rest = self.get(row, column) - done;
                *lower.at(row, column) = if row == column {
                    if rest > 1e-14 * self.get(row, row).abs() { rest.sqrt() } else { 0.0 }
                } else if lower.get(column, column) > 0.0 {
                    rest / lower.get(column, column)
                } else {
                    0.0
                };
            }
        }
        Lower(lower)
    }

    /// The inverse of a positive definite matrix.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let lower = self.cholesky();
        let mut inverse = Self::diagonal(self.size, 0.0);
        for column in 0..self.size {
            let mut unit = vec![0.0; self.size];
            unit[column] = 1.0;
            let solved = lower.solve_transposed(lower.solve(unit));
            solved.iter().enumerate().for_each(|(row, &entry)| *inverse.at(row, column) = entry);
        }
        inverse
    }

    /// The same matrix in `f32`.
    pub fn to_matrix(&self) -> Matrix {
        Matrix::from_vec(self.size, self.size, self.data.iter().map(|&entry| entry as f32).collect())
    }
}

/// A lower triangle.
#[derive(Debug, Clone, PartialEq)]
pub struct Lower(Square);

impl Lower {
    /// The whole matrix, with zeros above the diagonal.
    pub fn into_square(self) -> Square {
        self.0
    }

    /// An entry on or below the diagonal.
    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.0.get(row, column)
    }

    /// Solves `L x = b`.
    #[must_use]
    pub fn solve(&self, mut b: Vec<f64>) -> Vec<f64> {
        for row in 0..b.len() {
            let done: f64 = (0..row).map(|n| self.get(row, n) * b[n]).sum();
            b[row] = divided(b[row] - done, self.get(row, row));
        }
        b
    }

    /// Solves `L' x = b`.
    #[must_use]
    pub fn solve_transposed(&self, mut b: Vec<f64>) -> Vec<f64> {
        for row in (0..b.len()).rev() {
            let done: f64 = (row + 1..b.len()).map(|n| self.get(n, row) * b[n]).sum();
            b[row] = divided(b[row] - done, self.get(row, row));
        }
        b
    }

    /// The product `L x`.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        self.0.times(x)
    }
}

fn divided(number: f64, pivot: f64) -> f64 {
    if pivot > 0.0 { number / pivot } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(size: usize) -> Square {
        let mut matrix = Square::diagonal(size, 0.5);
        for n in 0..size + 2 {
            let x: Vec<f64> = (0..size).map(|m| ((n * 7 + m * m * 3) % 11) as f64 / 11.0 - 0.4).collect();
            matrix.add_outer(1.0 + n as f64, &x);
        }
        matrix
    }

    #[test]
    fn inverse_and_triangles_undo_the_matrix() {
        for size in [1, 2, 3, 17] {
            let matrix = some(size);
            let x: Vec<f64> = (0..size).map(|n| n as f64 - 1.5).collect();
            let b = matrix.times(&x);
            let lower = matrix.cholesky();
            for solved in [matrix.inverse().times(&b), lower.solve_transposed(lower.solve(b.clone()))] {
                assert!(solved.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-9), "{size}: {solved:?}");
            }
        }
    }

    #[test]
    fn a_singular_matrix_gives_finite_answers() {
        let mut matrix = Square::diagonal(3, 0.0);
        matrix.add_outer(2.0, &[1.0, 2.0, 3.0]);
        let lower = matrix.cholesky();
        let x = lower.solve_transposed(lower.solve(matrix.times(&[1.0, 0.0, 0.0])));
        let back = matrix.times(&x);
        assert!(back.iter().zip([2.0, 4.0, 6.0]).all(|(a, b)| (a - b).abs() < 1e-9), "{x:?}");
    }
}
