//! Products of a row with all rows of a batch, computed together.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::{BATCH, PAD};
use crate::math::totals;
use pulp::Simd;

/// The products of `row` with the rows of a batch, padded with zeros.
#[inline(always)]
pub(super) fn dots<S: Simd, const N: usize>(simd: S, row: &[S::f32s], fixed: &[&[S::f32s]; N]) -> [f32; PAD] {
    let mut sums = [simd.splat_f32s(0.0); BATCH];
    for n in 0..row.len() {
        for (sum, fixed) in sums.iter_mut().zip(fixed) {
            *sum = simd.mul_add_e_f32s(row[n], fixed[..row.len()][n], *sum);
        }
    }
    totals(simd, sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Scalar, Scalar128b, Scalar256b, Scalar512b};

    /// The bits of the products of a row with the rows of a batch.
    fn products<S: Simd>(simd: S, row: &[f32], fixed: &[f32]) -> [u32; PAD] {
        let mut rows = [S::as_simd_f32s(row).0; BATCH];
        for (part, fixed) in rows.iter_mut().zip(fixed.chunks_exact(row.len())) {
            *part = S::as_simd_f32s(fixed).0;
        }
        dots(simd, S::as_simd_f32s(row).0, &rows).map(f32::to_bits)
    }

    #[test]
    fn products_are_those_of_each_row() {
        // Whole numbers, so that any order of sums gives the same.
        let row: Vec<f32> = (0..64).map(|n| (n % 7) as f32).collect();
        let fixed: Vec<f32> = (0..BATCH * 64).map(|n| (n % 11) as f32 - 4.0).collect();
        let mut expected = [0; PAD];
        for (product, fixed) in expected.iter_mut().zip(fixed.chunks_exact(64)) {
            *product = row.iter().zip(fixed).map(|(a, b)| a * b).sum::<f32>().to_bits();
        }
        assert_eq!(products(Scalar, &row, &fixed), expected);
        assert_eq!(products(Scalar128b, &row, &fixed), expected);
        assert_eq!(products(Scalar256b, &row, &fixed), expected);
        assert_eq!(products(Scalar512b, &row, &fixed), expected);
    }
}
