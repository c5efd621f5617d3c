//! Sums over the rows of a matrix, in `f64` and in parts of fixed size, so that they do not depend on the
//! number of threads.

use super::{Matrix, Square};
use rayon::prelude::*;
use std::ops::Range;

/// The number of rows in a partial sum.
const PART: usize = 4096;

/// Sums over a range, in parts that run in parallel and are added in their order.
pub fn summed(size: usize, range: Range<usize>, add: impl Fn(Range<usize>, &mut Square) + Sync) -> Square {
    let starts: Vec<usize> = range.clone().step_by(PART).collect();
    let parts: Vec<Square> = starts
        .into_par_iter()
        .map(|start| {
            let mut sum = Square::diagonal(size, 0.0);
            add(start..range.end.min(start + PART), &mut sum);
            sum
        })
        .collect();
    let mut total = Square::diagonal(size, 0.0);
    parts.iter().for_each(|part| total.add(1.0, part));
    total
}

/// The sum of `x x'` over the rows of a matrix, without those that equal `but`.
pub fn products(rows: &Matrix, but: &[f32]) -> Square {
    let columns = rows.columns();
    summed(columns, 0..rows.rows(), |part, sum| {
        let mut x = vec![0.0; columns];
        for row in part.map(|row| rows.row(row)).filter(|row| *row != but) {
            x.iter_mut().zip(row).for_each(|(x, &entry)| *x = f64::from(entry));
            sum.add_outer(1.0, &x);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_by_hand() {
        let rows = Matrix::from_vec(3, 2, vec![1.0, 2.0, 0.5, 0.0, -1.0, 1.0]);
        assert_eq!(products(&rows, &[]).as_slice(), [2.25, 1.0, 1.0, 5.0]);
        assert_eq!(products(&rows, &[0.5, 0.0]).as_slice(), [2.0, 1.0, 1.0, 5.0]);
        assert_eq!(products(&Matrix::zeros(0, 2), &[]).as_slice(), [0.0; 4]);
    }

    #[test]
    fn parts_are_added_up() {
        let count = 2 * PART + 7;
        let sum = summed(1, 0..count, |part, sum| *sum.at(0, 0) += part.map(|n| n as f64).sum::<f64>());
        assert_eq!(sum.as_slice(), [(count * (count - 1) / 2) as f64]);
    }
}
