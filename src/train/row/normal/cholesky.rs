//! Cholesky factorization in place, and the triangular solutions.

use super::fixed::dot_from;
use pulp::Simd;

/// The number of rows that are eliminated at a time.
const PANEL: usize = 4;

/// Cholesky factorization in place. The upper triangle `A` of `n` rows becomes `U` with `U' U = A`, and each
/// further column `b` becomes the solution of `U' w = b`. `inverse` receives one over each pivot, or 0 where
/// rounding leaves nothing of a pivot; that unknown is then 0.
#[inline(always)]
pub(super) fn factor<S: Simd>(simd: S, upper: &mut [f32], width: usize, inverse: &mut [f32]) {
    let (n, lanes) = (inverse.len(), S::F32_LANES);
    let tolerance = n as f32 * f32::EPSILON;
    // The diagonal as it was, until a row's turn.
    (0..n).for_each(|i| inverse[i] = upper[i * width + i]);
    for first in (0..n).step_by(PANEL) {
        let count = PANEL.min(n - first);
        let (panel, rest) = upper[first * width..].split_at_mut(count * width);
        for a in 0..count {
            let (done, row) = panel.split_at_mut(a * width);
            let row = &mut row[..width];
            let i = first + a;
            for done in done.chunks_exact(width) {
                let weight = simd.splat_f32s(-done[i]);
                let done = &S::as_simd_f32s(done).0[i / lanes..];
                let row = &mut S::as_mut_simd_f32s(row).0[i / lanes..];
                for (x, &y) in row.iter_mut().zip(done) {
                    *x = simd.mul_add_e_f32s(weight, y, *x);
                }
            }
            let pivot = row[i];
            inverse[i] = if pivot > tolerance * inverse[i] { 1.0 / pivot.sqrt() } else { 0.0 };
            let by = simd.splat_f32s(inverse[i]);
            let row = &mut S::as_mut_simd_f32s(row).0[i / lanes..];
            for x in row {
                *x = simd.mul_f32s(by, *x);
            }
        }
        if count < PANEL {
            break;
        }
        let (a, panel) = panel.split_at(width);
        let (b, panel) = panel.split_at(width);
        let (c, d) = panel.split_at(width);
        for (row, i) in rest.chunks_exact_mut(width).zip(first + PANEL..n) {
            let from = i / lanes;
            let row = &mut S::as_mut_simd_f32s(row).0[from..];
            // Loops, since closures are not compiled for the processor's features.
            let (mut weights, mut above) = ([simd.splat_f32s(0.0); PANEL], [&[][..]; PANEL]);
            for (n, done) in [a, b, c, d].into_iter().enumerate() {
                weights[n] = simd.splat_f32s(-done[i]);
                above[n] = &S::as_simd_f32s(done).0[from..][..row.len()];
            }
            for (n, x) in row.iter_mut().enumerate() {
                let first = simd.mul_add_e_f32s(
                    weights[1],
                    above[1][n],
                    simd.mul_add_e_f32s(weights[0], above[0][n], *x),
                );
                let second =
                    simd.mul_add_e_f32s(weights[3], above[3][n], simd.mul_f32s(weights[2], above[2][n]));
                *x = simd.add_f32s(first, second);
            }
        }
    }
}

/// The solution of `U x = w`, where column `n` of the triangle is `w`. `added` has what is added to each
/// entry of `w`, or nothing. `x` has `width` numbers.
#[inline(always)]
pub(super) fn back<S: Simd>(
    simd: S,
    upper: &[f32],
    width: usize,
    inverse: &[f32],
    x: &mut [f32],
    added: &[f32],
) {
    let n = inverse.len();
    x.fill(0.0);
    for i in (0..n).rev() {
        let triangle = &upper[i * width..][..width];
        let done = dot_from(simd, triangle, x, i / S::F32_LANES);
        x[i] = (triangle[n] + added.get(i).copied().unwrap_or(0.0) - done) * inverse[i];
    }
}
