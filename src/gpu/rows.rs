//! Factor rows as kernels read them: each padded with zeros to whole `vec4<f32>`.

use crate::math::Matrix;
use rayon::prelude::*;
use std::borrow::Cow;

/// Numbers that a thread moves in one go, at least.
const CHUNK: usize = 1 << 16;

/// The rows of a matrix, each padded with zeros to `stride` numbers.
pub fn pad_rows(matrix: &Matrix, stride: usize) -> Cow<'_, [f32]> {
    if matrix.columns() == stride {
        return matrix.as_slice().into();
    }
    let mut padded = vec![0.0; matrix.rows() * stride];
    let rows = CHUNK / stride.max(1) + 1;
    padded.par_chunks_exact_mut(stride).zip(0..matrix.rows()).with_min_len(rows).for_each(|(padded, row)| {
        padded[..matrix.columns()].copy_from_slice(matrix.row(row));
    });
    padded.into()
}

/// The matrix of `columns` columns whose rows, padded to `stride` numbers, these are.
///
/// # Panics
/// If `padded` does not hold whole rows.
pub fn unpad_rows(padded: Vec<f32>, columns: usize, stride: usize) -> Matrix {
    assert_eq!(padded.len() % stride, 0, "whole rows of {stride}");
    if columns == stride {
        return Matrix::from_vec(padded.len() / stride, columns, padded);
    }
    let mut matrix = Matrix::zeros(padded.len() / stride, columns);
    let rows = matrix.as_mut_slice().par_chunks_exact_mut(columns.max(1));
    rows.zip(padded.par_chunks_exact(stride))
        .with_min_len(CHUNK / stride + 1)
        .for_each(|(row, numbers)| row.copy_from_slice(&numbers[..columns]));
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_both_ways() {
        for columns in [1, 3, 4, 5, 8] {
            let numbers = (0..3 * columns).map(|n| n as f32).collect();
            let matrix = Matrix::from_vec(3, columns, numbers);
            let stride = columns.next_multiple_of(8);
            let padded = pad_rows(&matrix, stride);
            assert_eq!(padded.len(), 3 * stride);
            assert_eq!(unpad_rows(padded.into_owned(), columns, stride), matrix);
        }
    }
}
