//! Numbers that begin where a line of the cache does.

use bytemuck::{Pod, Zeroable};
use std::ops::{Deref, DerefMut};

/// Numbers of a line of 64 bytes.
pub const LINE: usize = 16;

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// Whole lines of numbers. A vector of them that begins at a multiple of its length never lies across two
/// lines.
#[derive(Debug, Clone, Default)]
pub struct Lines(Vec<Line>);

impl Lines {
    /// As many lines of zeros as hold `numbers`.
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
