//! The length of rows in memory.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

/// The length of rows in memory, a multiple of [`PAD`](super::PAD). Each common length has its own type:
/// loops over a constant number of vectors are unrolled, and finding a row takes one bounds check.
pub trait Stride: Copy {
    /// The length of a row.
    fn width(self) -> usize;

    /// The number of rows in `all`.
    fn rows(self, all: &[f32]) -> usize;

    /// A row of `all`.
    fn row(self, all: &[f32], row: usize) -> &[f32];

    /// A mutable row of `all`.
    fn row_mut(self, all: &mut [f32], row: usize) -> &mut [f32];
}

/// Rows of `N` numbers.
#[derive(Clone, Copy)]
pub struct Fixed<const N: usize>;

/// Rows of any length.
#[derive(Clone, Copy)]
pub struct Any(pub usize);

impl<const N: usize> Stride for Fixed<N> {
    #[inline(always)]
    fn width(self) -> usize {
        N
    }

    #[inline(always)]
    fn rows(self, all: &[f32]) -> usize {
        all.as_chunks::<N>().0.len()
    }

    #[inline(always)]
    fn row(self, all: &[f32], row: usize) -> &[f32] {
        &all.as_chunks::<N>().0[row]
    }

    #[inline(always)]
    fn row_mut(self, all: &mut [f32], row: usize) -> &mut [f32] {
        &mut all.as_chunks_mut::<N>().0[row]
    }
}

impl Stride for Any {
    #[inline(always)]
    fn width(self) -> usize {
        self.0
    }

    #[inline(always)]
    fn rows(self, all: &[f32]) -> usize {
        all.len() / self.0
    }

    #[inline(always)]
    fn row(self, all: &[f32], row: usize) -> &[f32] {
        &all[row * self.0..][..self.0]
    }

    #[inline(always)]
    fn row_mut(self, all: &mut [f32], row: usize) -> &mut [f32] {
        &mut all[row * self.0..][..self.0]
    }
}
