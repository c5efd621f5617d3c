//! Inner products of some rows with some others, held in registers: the innermost loop of all scoring.
//!
//! Every product is summed in the order of the factors, one fused multiplication and addition after another,
//! whatever the width of a vector. So a sum does not depend on its neighbours, and has the same bits on all
//! machines that fuse: those with AVX2, AVX-512 or NEON. On others the additions round in those machines'
//! way.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::packed::Packed;
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Bytes of packed rows that are visited for some rows of the other side before the next block: they stay in
/// the cache of a core.
const BLOCK: usize = 256 << 10;

/// How many rows of each side are interleaved on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Rows of the left side; each provides a number that multiplies all lanes.
    pub(super) left: usize,
    /// Rows of the right side: the lanes.
    pub(super) right: usize,
}

/// A tile of products that are not computed yet.
#[derive(Clone, Copy)]
pub(super) struct Tile<'a> {
    /// The first row on the left.
    pub(super) row: usize,
    /// The first row on the right.
    pub(super) lane: usize,
    left: &'a [f32],
    right: &'a [f32],
}

impl Tile<'_> {
    /// The products over a range of the factors: a row of lanes for each row on the left.
    #[inline(always)]
    pub(super) fn products<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &self,
        simd: S,
        factors: Range<usize>,
    ) -> [[S::f32s; VECTORS]; ROWS] {
        let lanes = VECTORS * S::F32_LANES;
        let left = self.left[factors.start * ROWS..factors.end * ROWS].as_chunks::<ROWS>().0;
        let right = S::as_simd_f32s(&self.right[factors.start * lanes..factors.end * lanes]).0;
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        for (left, right) in left.iter().zip(right.as_chunks::<VECTORS>().0) {
            for (sums, &number) in sums.iter_mut().zip(left) {
                let number = simd.splat_f32s(number);
                for (sum, &lanes) in sums.iter_mut().zip(right) {
                    *sum = simd.mul_add_e_f32s(number, lanes, *sum);
                }
            }
        }
        sums
    }
}

/// Consumes tiles.
pub(super) trait TileSink {
    /// Announces the rows on the left and the lanes on the right that the next tiles cover.
    fn begin(&mut self, rows: Range<usize>, lanes: Range<usize>);

    /// Takes a tile. It must be inlined, or it is not compiled for wide registers.
    fn take<S: Simd, const ROWS: usize, const VECTORS: usize>(&mut self, simd: S, tile: Tile<'_>);
}

/// The shape of tiles on this machine, for [`Packed::new`].
pub(super) fn shape() -> Shape {
    struct Ask;
    impl WithSimd for Ask {
        type Output = Shape;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> Shape {
            let (left, vectors) = registers::<S>();
            Shape { left, right: vectors * S::F32_LANES }
        }
    }
    pulp::Arch::new().dispatch(Ask)
}

/// Rows on the left and vectors on the right: as many as there are registers for their sums.
#[inline(always)]
const fn registers<S: Simd>() -> (usize, usize) {
    match S::F32_LANES {
        16 => (12, 2),
        8 => (6, 2),
        4 => (8, 2),
        _ => (4, 4),
    }
}

/// The lanes in a block of the right side: whole groups.
pub(super) fn block_lanes(right: &Packed) -> usize {
    let group = right.group();
    (BLOCK / 4 / right.width().max(1) / group).max(1) * group
}

/// Calls `take` with the tiles of all rows of `left` and `right`, packed as [`shape`] says: for each block of
/// the right side, for each group of the left one, for each group of the block.
pub(super) fn walk(left: &Packed, right: &Packed, take: &mut impl TileSink) {
    // It is compiled for several instruction sets; the machine's best one is called.
    pulp::Arch::new().dispatch(Walk { left, right, take });
}

/// The arguments of [`walk`].
struct Walk<'a, T> {
    left: &'a Packed,
    right: &'a Packed,
    take: &'a mut T,
}

impl<T: TileSink> WithSimd for Walk<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.run::<S, 12, 2>(simd),
            8 => self.run::<S, 6, 2>(simd),
            4 => self.run::<S, 8, 2>(simd),
            _ => self.run::<S, 4, 4>(simd),
        }
    }
}

impl<T: TileSink> Walk<'_, T> {
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S) {
        let Self { left, right, take } = self;
        let lanes = VECTORS * S::F32_LANES;
        debug_assert_eq!((left.group(), right.group()), (ROWS, lanes), "the shape of the machine");
        let block = block_lanes(right);
        for start in (0..right.rows()).step_by(block) {
            let end = right.rows().min(start + block);
            for group in 0..left.groups() {
                let row = group * ROWS;
                take.begin(row..left.rows().min(row + ROWS), start..end);
                let rows = left.numbers(group);
                for lane in (start..end).step_by(lanes) {
                    let tile = Tile { row, lane, left: rows, right: right.numbers(lane / lanes) };
                    take.take::<S, ROWS, VECTORS>(simd, tile);
                }
            }
        }
    }
}
