//! Factor rows as kernels read them: each padded with zeros to whole `vec4<f32>`.

use crate::math::Matrix;

/// The rows of a matrix, each padded with zeros to `stride` numbers.
pub fn pad_rows(matrix: &Matrix, stride: usize) -> Vec<f32> {
    let mut padded = vec![0.0; matrix.rows() * stride];
    for row in 0..matrix.rows() {
        padded[row * stride..][..matrix.columns()].copy_from_slice(matrix.row(row));
    }
    padded
}

/// The matrix of `columns` columns whose rows, padded to `stride` numbers, these are.
///
/// # Panics
/// If `padded` does not hold whole rows.
pub fn unpad_rows(padded: &[f32], columns: usize, stride: usize) -> Matrix {
    assert_eq!(padded.len() % stride, 0, "whole rows of {stride}");
    let mut matrix = Matrix::zeros(padded.len() / stride, columns);
    for (row, numbers) in padded.chunks_exact(stride).enumerate() {
        matrix.row_mut(row).copy_from_slice(&numbers[..columns]);
    }
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
            assert_eq!(unpad_rows(&padded, columns, stride), matrix);
        }
    }
}
