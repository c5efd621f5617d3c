//! Factor rows as kernels read them: each is padded with zeros to whole `vec4<f32>`.

use crate::math::Matrix;
use std::borrow::Cow;

/// Bindings of rows start at a multiple of this number. That many rows are at least 256 bytes, whatever their
/// elements, and 256 is the largest alignment that a device may require.
pub(crate) const ROW_STEP: usize = 64;

/// The rows of a matrix, each padded with zeros to `stride` numbers.
pub fn pad_rows(matrix: &Matrix, stride: usize) -> Cow<'_, [f32]> {
    if matrix.columns() == stride {
        return matrix.as_slice().into();
    }
    let mut padded = vec![0.0; matrix.rows() * stride];
    matrix.write_padded(&mut padded, stride);
    padded.into()
}

/// The matrix of `columns` columns whose rows, padded to `stride` numbers, are in `padded`.
///
/// # Panics
/// If `padded` does not hold whole rows.
pub fn unpad_rows(padded: Vec<f32>, columns: usize, stride: usize) -> Matrix {
    if columns == stride {
        return Matrix::from_vec(padded.len() / stride, columns, padded);
    }
    Matrix::from_padded(&padded, columns, stride)
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
