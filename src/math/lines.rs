//! Arrays of numbers that begin at the start of a cache line.

use bytemuck::{Pod, Zeroable};
use std::ops::{Deref, DerefMut};

/// Numbers in a line of 64 bytes.
pub const LINE: usize = 16;

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// Whole cache lines of numbers. A SIMD vector of them that begins at a multiple of its length never crosses
/// a line.
#[derive(Debug, Clone, Default)]
pub struct Lines(Vec<Line>);

impl Lines {
    /// The fewest lines of zeros that hold `numbers` numbers.
    pub fn zeros(numbers: usize) -> Self {
        Self(vec![Line::zeroed(); numbers.div_ceil(LINE)])
    }
}

impl Deref for Lines {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        bytemuck::cast_slice(&self.0)
    }
}

impl DerefMut for Lines {
    fn deref_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.0)
    }
}
