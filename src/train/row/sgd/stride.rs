//! How long rows are in memory.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

/// How long rows are in memory, a multiple of [`PAD`](super::PAD). One type for each common length: loops over a constant
/// number of vectors are unrolled, and rows are found by one comparison.
pub trait Stride: Copy {
    /// How many numbers a row has.
    fn width(self) -> usize;

    /// How many rows there are.
    fn rows(self, all: &[f32]) -> usize;

    /// A row of `all`.
    fn row(self, all: &[f32], row: usize) -> &[f32];

    /// The same, to be changed.
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
