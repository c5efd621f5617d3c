//! The eigenvalues of a symmetric matrix, all of them, in `f64`.

use super::Square;
use faer::{MatRef, Side};

/// The eigenvalues of a symmetric matrix, and its eigenvectors of length 1.
#[derive(Debug, Clone)]
pub struct Eigen {
    /// The eigenvalues, ascending.
    pub values: Vec<f64>,
    /// The eigenvectors, a column each.
    pub vectors: Square,
}

impl Square {
    /// The eigenvalues and eigenvectors of this symmetric matrix; `None` if it has entries that are not
    /// finite. The work is that of one thread, so the result has the same bits whatever the number of
    /// threads.
    pub fn eigen(&self) -> Option<Eigen> {
        let size = self.size();
        if !self.as_slice().iter().all(|entry| entry.is_finite()) {
            return None;
        }
        if size == 0 {
            return Some(Eigen { values: Vec::new(), vectors: self.clone() });
        }
        let matrix = MatRef::from_row_major_slice(self.as_slice(), size, size);
        let found = matrix.self_adjoint_eigen(Side::Lower).ok()?;
        let (values, columns) = (found.S(), found.U());
        let mut vectors = Self::diagonal(size, 0.0);
        for row in 0..size {
            for column in 0..size {
                *vectors.at(row, column) = columns[(row, column)];
            }
        }
        Some(Eigen { values: (0..size).map(|n| values[n]).collect(), vectors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_put_together_again() {
        for size in [0, 1, 2, 5, 33, 100] {
            let mut matrix = Square::diagonal(size, 0.25);
            for n in 0..size / 2 {
                let x: Vec<f64> = (0..size).map(|m| ((n * 7 + m * m * 3) % 11) as f64 / 11.0 - 0.4).collect();
                matrix.add_outer(1.0 + n as f64, &x);
            }
            let Eigen { values, vectors } = matrix.eigen().expect("finite");
            assert!(values.windows(2).all(|two| two[0] <= two[1]) && values.len() == size);
            let largest = values.last().copied().unwrap_or(0.0);
            for row in 0..size {
                for column in 0..size {
                    let along = |n: usize| vectors.get(row, n) * vectors.get(column, n);
                    let found: f64 = (0..size).map(|n| values[n] * along(n)).sum();
                    assert!((found - matrix.get(row, column)).abs() <= 1e-12 * largest, "{size}");
                    let unit: f64 = (0..size).map(along).sum();
                    assert!((unit - f64::from(u8::from(row == column))).abs() < 1e-12, "{size}");
                }
            }
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let mut matrix = Square::diagonal(150, 0.5);
        (0..40).for_each(|n| {
            let x: Vec<f64> = (0..150).map(|m| f64::from((n * 31 + m * 17) % 23) / 23.0 - 0.5).collect();
            matrix.add_outer(1.0, &x);
        });
        let of = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| matrix.eigen().expect("finite").vectors)
        };
        assert!(of(1) == of(2) && of(1) == of(3));
    }

    #[test]
    fn what_is_not_finite_has_none() {
        assert!(Square::diagonal(2, f64::NAN).eigen().is_none());
    }
}
