//! Inner products of some rows of a matrix with a range of rows of another, a tile of registers at a time. They add in
//! the order of the factors and no fused operations are used, so they agree to the bit with a plain loop on every machine.

use crate::math::Matrix;
use std::ops::Range;

/// Rows of the right matrix that are taken side by side: the lanes of the inner loop.
const LANES: usize = 16;
/// Rows of the left matrix that are taken side by side; with the lanes, as many sums as fit the registers.
const ROWS: usize = 4;

/// What becomes of inner products.
pub(super) trait Take {
    /// Takes those of the `at`-th row asked for with the rows of the right matrix from `first` on. To be inlined, or it
    /// is not compiled for wide registers; a closure would not be.
    fn take(&mut self, at: usize, first: usize, dots: &[f32]);
}

/// Gives `take` the inner products of `rows` of the left matrix (`None` is a row of zeros) with a range of rows of the
/// right one.
///
/// # Panics
/// If there is no such row.
pub(super) fn walk(left: (&Matrix, &[Option<u32>]), right: (&Matrix, Range<usize>), take: &mut impl Take) {
    // Compiled for several instruction sets, of which the machine's best is called.
    pulp::Arch::new().dispatch(Walk { left, right, take });
}

/// The arguments of [`walk`].
struct Walk<'a, T> {
    left: (&'a Matrix, &'a [Option<u32>]),
    right: (&'a Matrix, Range<usize>),
    take: &'a mut T,
}

impl<T: Take> pulp::WithSimd for Walk<'_, T> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "asked for by the trait")]
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let ((left, rows), (right, range)) = (self.left, self.right);
        let nothing = vec![0.0; left.columns()];
        let mut panel = vec![[0.0; LANES]; left.columns()];
        for start in range.clone().step_by(LANES) {
            let lanes = LANES.min(range.end - start);
            pack(right, start, lanes, &mut panel);
            for (group, at) in rows.chunks(ROWS).zip((0..).step_by(ROWS)) {
                let row = |at: usize| match group.get(at) {
                    Some(&Some(row)) => left.row(row as usize),
                    _ => &nothing,
                };
                let dots = products(&panel, [row(0), row(1), row(2), row(3)]);
                for (at, dots) in (at..).zip(&dots[..group.len()]) {
                    self.take.take(at, start, &dots[..lanes]);
                }
            }
        }
    }
}

/// Puts some rows side by side: `panel[factor][lane]`. Lanes beyond the last row keep what they had, and what is
/// computed from them is not used.
#[expect(clippy::inline_always, reason = "part of the walk")]
#[inline(always)]
fn pack(rows: &Matrix, start: usize, lanes: usize, panel: &mut [[f32; LANES]]) {
    for lane in 0..lanes {
        for (column, &number) in panel.iter_mut().zip(rows.row(start + lane)) {
            column[lane] = number;
        }
    }
}

/// The inner products of some rows with those of a panel.
#[expect(clippy::inline_always, reason = "part of the walk")]
#[inline(always)]
fn products(panel: &[[f32; LANES]], rows: [&[f32]; ROWS]) -> [[f32; LANES]; ROWS] {
    let rows = rows.map(|row| &row[..panel.len()]);
    let mut sums = [[0.0; LANES]; ROWS];
    for (factor, column) in panel.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(&rows) {
            for (sum, item) in sums.iter_mut().zip(column) {
                *sum += row[factor] * item;
            }
        }
    }
    sums
}
