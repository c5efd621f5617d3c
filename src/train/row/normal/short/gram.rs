//! Products of the fixed rows of a row's ratings with each other.

use crate::math::{LINE, TOGETHER, totals};
use pulp::Simd;

/// Columns that are multiplied before the next ones, so that those of all ratings stay in the caches of a
/// core.
const PANEL: usize = 1024;

/// Rows of the fixed side by their places.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) rows: &'a [f32],
    pub(super) stride: usize,
    /// Where each row begins.
    pub(super) begins: &'a [usize],
}

impl<'a> Places<'a> {
    #[inline(always)]
    pub(super) fn row<S: Simd>(self, _: S, n: usize) -> &'a [S::f32s] {
        S::as_simd_f32s(&self.rows[self.begins[n]..][..self.stride]).0
    }
}

/// The upper triangle of `Z B Z'`, for the diagonal matrix `B` of these weights or, without weights, for
/// the identity. Rows of `out` lie `width` numbers apart, and are overwritten.
#[inline(always)]
pub(super) fn gram<S: Simd>(
    simd: S,
    fixed: Places<'_>,
    weights: Option<&[f32]>,
    out: &mut [f32],
    width: usize,
) {
    let count = fixed.begins.len();
    let columns = fixed.stride / S::F32_LANES;
    let panel = PANEL / S::F32_LANES;
    for first in (0..columns).step_by(panel) {
        let span = (first, columns.min(first + panel));
        let mut row = 0;
        while row < count {
            row += if S::F32_LANES > 8 && row + 1 < count {
                rows::<S, 2>(simd, fixed, weights, row, span, (out, width))
            } else {
                rows::<S, 1>(simd, fixed, weights, row, span, (out, width))
            };
        }
    }
}

/// The products of `R` rows with all rows from the first of them on.
#[inline(always)]
fn rows<S: Simd, const R: usize>(
    simd: S,
    fixed: Places<'_>,
    weights: Option<&[f32]>,
    first: usize,
    span: (usize, usize),
    (out, width): (&mut [f32], usize),
) -> usize {
    let count = fixed.begins.len();
    let mut column = first;
    while column < count {
        let left = count - column;
        let (sums, done) = match left {
            1 => (block::<S, R, 1>(simd, fixed, weights, (first, column), span), 1),
            2 => (block::<S, R, 2>(simd, fixed, weights, (first, column), span), 2),
            3 | 4 => (block::<S, R, 4>(simd, fixed, weights, (first, column), span), 4),
            _ => (block::<S, R, 8>(simd, fixed, weights, (first, column), span), 8),
        };
        let done = done.min(left);
        for (r, sums) in sums.iter().enumerate() {
            let out = &mut out[(first + r) * width + column..][..done];
            if span.0 == 0 {
                out.copy_from_slice(&sums[..done]);
            } else {
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
            }
        }
        column += done;
    }
    R
}

/// The products of `R` rows with `C` rows; behind the last row that row again.
#[inline(always)]
fn block<S: Simd, const R: usize, const C: usize>(
    simd: S,
    fixed: Places<'_>,
    weights: Option<&[f32]>,
    (first, column): (usize, usize),
    (from, to): (usize, usize),
) -> [[f32; LINE]; R] {
    let last = fixed.begins.len() - 1;
    let (mut a, mut b) = ([&[][..]; R], [&[][..]; C]);
    for (r, a) in a.iter_mut().enumerate() {
        *a = &fixed.row(simd, first + r)[from..to];
    }
    for (c, b) in b.iter_mut().enumerate() {
        *b = &fixed.row(simd, (column + c).min(last))[from..to];
    }
    let mut sums = [[simd.splat_f32s(0.0); TOGETHER]; R];
    let length = to - from;
    if let Some(weights) = weights {
        let weights = &S::as_simd_f32s(weights).0[from..to];
        for n in 0..length {
            let mut left = [simd.splat_f32s(0.0); R];
            for r in 0..R {
                left[r] = simd.mul_f32s(a[r][..length][n], weights[..length][n]);
            }
            for c in 0..C {
                let right = b[c][..length][n];
                for r in 0..R {
                    sums[r][c] = simd.mul_add_e_f32s(left[r], right, sums[r][c]);
                }
            }
        }
    } else {
        for n in 0..length {
            for c in 0..C {
                let right = b[c][..length][n];
                for r in 0..R {
                    sums[r][c] = simd.mul_add_e_f32s(a[r][..length][n], right, sums[r][c]);
                }
            }
        }
    }
    let mut out = [[0f32; LINE]; R];
    for r in 0..R {
        out[r] = totals(simd, sums[r]);
    }
    out
}

/// The products of a vector with all rows.
#[inline(always)]
pub(super) fn products<S: Simd>(simd: S, fixed: Places<'_>, vector: &[f32], out: &mut [f32]) {
    let vector = S::as_simd_f32s(vector).0;
    let last = fixed.begins.len() - 1;
    for first in (0..=last).step_by(TOGETHER) {
        let mut rows = [&[][..]; TOGETHER];
        for (n, row) in rows.iter_mut().enumerate() {
            *row = &fixed.row(simd, (first + n).min(last))[..vector.len()];
        }
        let mut sums = [simd.splat_f32s(0.0); TOGETHER];
        for n in 0..vector.len() {
            for (sum, row) in sums.iter_mut().zip(&rows) {
                *sum = simd.mul_add_e_f32s(vector[n], row[..vector.len()][n], *sum);
            }
        }
        let done = TOGETHER.min(last + 1 - first);
        out[first..first + done].copy_from_slice(&totals(simd, sums)[..done]);
    }
}

/// `to += B sum of times_n z_n`, for the diagonal matrix `B` of these weights.
#[inline(always)]
pub(super) fn combine<S: Simd>(simd: S, fixed: Places<'_>, times: &[f32], weights: &[f32], to: &mut [f32]) {
    /// Vectors that are summed in registers.
    const ACROSS: usize = 4;
    let (weights, to) = (S::as_simd_f32s(weights).0, S::as_mut_simd_f32s(to).0);
    let whole = to.len() / ACROSS * ACROSS;
    for first in (0..whole).step_by(ACROSS) {
        let mut sums = [simd.splat_f32s(0.0); ACROSS];
        for (n, &times) in times.iter().enumerate() {
            let row = &fixed.row(simd, n)[first..first + ACROSS];
            let times = simd.splat_f32s(times);
            for c in 0..ACROSS {
                sums[c] = simd.mul_add_e_f32s(times, row[c], sums[c]);
            }
        }
        for c in 0..ACROSS {
            to[first + c] = simd.mul_add_e_f32s(weights[first + c], sums[c], to[first + c]);
        }
    }
    for at in whole..to.len() {
        let mut sum = simd.splat_f32s(0.0);
        for (n, &times) in times.iter().enumerate() {
            sum = simd.mul_add_e_f32s(simd.splat_f32s(times), fixed.row(simd, n)[at], sum);
        }
        to[at] = simd.mul_add_e_f32s(weights[at], sum, to[at]);
    }
}
