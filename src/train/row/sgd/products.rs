//! Products of a row with all rows of a batch, computed together.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::{BATCH, PAD};
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
    match S::F32_LANES {
        4 => totals::<S, 4>(simd, sums),
        8 => totals::<S, 8>(simd, sums),
        16 => totals::<S, 16>(simd, sums),
        _ => {
            let mut totals = [0f32; PAD];
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total = simd.reduce_sum_f32s(sum);
            }
            totals
        }
    }
}

/// The sum of the `L` lanes of each vector of a batch. Each step adds halves and puts the results of two
/// vectors into one.
#[inline(always)]
fn totals<S: Simd, const L: usize>(simd: S, [a, b, c, d, e, f, g, h]: [S::f32s; BATCH]) -> [f32; PAD] {
    let mut totals = [0f32; PAD];
    let (ab, cd) = (fold::<S, L, 1>(simd, a, b), fold::<S, L, 1>(simd, c, d));
    let (ef, gh) = (fold::<S, L, 1>(simd, e, f), fold::<S, L, 1>(simd, g, h));
    let (first, second) = (fold::<S, L, 2>(simd, ab, cd), fold::<S, L, 2>(simd, ef, gh));
    let total = S::as_mut_simd_f32s(&mut totals).0;
    if L == 4 {
        (total[0], total[1]) = (first, second);
    } else {
        let all = fold::<S, L, 4>(simd, first, second);
        total[0] = if L == 8 { all } else { fold::<S, L, 8>(simd, all, simd.splat_f32s(0.0)) };
    }
    totals
}

/// Adds lanes that are `BY` apart: those of `a` in every other group of `BY` lanes, those of `b` in the
/// groups between.
#[inline(always)]
fn fold<S: Simd, const L: usize, const BY: usize>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
    let (a, b): ([f32; L], [f32; L]) = (bytemuck::cast(a), bytemuck::cast(b));
    let (mut kept, mut moved) = ([0f32; L], [0f32; L]);
    for n in 0..L {
        (kept[n], moved[n]) = if n & BY == 0 { (a[n], a[n ^ BY]) } else { (b[n], b[n ^ BY]) };
    }
    simd.add_f32s(bytemuck::cast(kept), bytemuck::cast(moved))
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
