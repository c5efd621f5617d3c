//! The leading eigenvectors of a symmetric matrix, by orthogonal iteration (Golub, Van Loan 2013, section
//! 8.2.4).

use super::philox::{Purpose, Stream};
use super::{Square, normal};
use rand::Rng;

/// Extra vectors in the iteration, so that the last wanted one converges, too.
const SPARE: usize = 4;

/// The number of iterations; eigenvalues that are still mixed after so many are about equal.
const ITERATIONS: usize = 300;

impl Square {
    /// The `count` largest eigenvalues of this positive semidefinite matrix with their eigenvectors of length
    /// 1, largest first; at most as many as the matrix has rows. The result has the same bits every time.
    pub fn leading(&self, count: usize) -> Vec<(f64, Vec<f64>)> {
        let size = self.size();
        let mut vectors: Vec<Vec<f64>> = (0..(count + SPARE).min(size))
            .map(|n| {
                let mut stream = Stream::new(0, Purpose::Axes, n as u64);
                (0..size).map(|_| f64::from(normal(stream.next_u32()))).collect()
            })
            .collect();
        orthogonalise(&mut vectors);
        for _ in 0..ITERATIONS {
            vectors.iter_mut().for_each(|vector| *vector = self.times(vector));
            orthogonalise(&mut vectors);
        }
        let value = |vector: Vec<f64>| (dot(&vector, &self.times(&vector)), vector);
        let mut found: Vec<(f64, Vec<f64>)> = vectors.into_iter().map(value).collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.truncate(count);
        found
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Subtracts from each vector its projections on those before it, and scales it to length 1. A vector with
/// nothing left becomes zeros.
fn orthogonalise(vectors: &mut [Vec<f64>]) {
    for n in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(n);
        let vector = &mut rest[0];
        let whole = dot(vector, vector).sqrt();
        // Twice, because of rounding.
        for other in before.iter().chain(before.iter()) {
            let common = dot(other, vector);
            vector.iter_mut().zip(other).for_each(|(number, other)| *number -= common * other);
        }
        let length = dot(vector, vector).sqrt();
        let scale = if length > 1e-12 * whole && length > 0.0 { 1.0 / length } else { 0.0 };
        vector.iter_mut().for_each(|number| *number *= scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_matrix_was_made_of() {
        let axes = [[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]];
        let mut matrix = Square::diagonal(3, 0.0);
        for (value, axis) in [(2.0, 0), (5.0, 1), (0.5, 2)] {
            matrix.add_outer(value, &axes[axis]);
        }
        let found = matrix.leading(2);
        for ((value, vector), (expected, axis)) in found.iter().zip([(5.0, 1), (2.0, 0)]) {
            assert!((value - expected).abs() < 1e-9, "{found:?}");
            assert!((dot(vector, &axes[axis]).abs() - 1.0).abs() < 1e-9, "{found:?}");
        }
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn nothing_has_no_axes() {
        let found = Square::diagonal(3, 0.0).leading(9);
        assert!(found.len() == 3 && found.iter().all(|(value, _)| value.abs() < 1e-300));
        assert!(Square::diagonal(0, 0.0).leading(2).is_empty());
    }
}
