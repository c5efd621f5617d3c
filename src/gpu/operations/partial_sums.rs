//! Host side of `shaders/partial_sums.wgsl`: the buffer for the partial sums of lists, and the code that adds
//! them.

use crate::Result;
use crate::gpu::{Bound, Buffer, BufferSlice, Gpu};
use std::ops::Range;

/// Elements per workgroup: each of its 64 invocations takes 16.
pub(super) const CHUNK: usize = 1024;

/// Every device can bind at a multiple of this many numbers.
const STEP: usize = 64;

/// The partial sums of some lists, one per workgroup.
#[derive(Debug)]
pub(super) struct PartialSums {
    sums: Buffer<f32>,
    /// The range of each list's sums.
    lists: Vec<Range<usize>>,
}

impl PartialSums {
    /// Allocates the sums of lists of these lengths.
    pub(super) fn new(gpu: &Gpu, lengths: impl IntoIterator<Item = usize>) -> Result<Self> {
        let (mut lists, mut at) = (Vec::new(), 0_usize);
        for length in lengths {
            let groups = length.div_ceil(CHUNK);
            lists.push(at..at + groups);
            at += groups.next_multiple_of(STEP);
        }
        Ok(Self { sums: gpu.output("partial sums", at)?, lists })
    }

    /// The partial sums of a list, for its kernel to write to.
    pub(super) fn of(&self, list: usize) -> Result<BufferSlice<'_>> {
        self.sums.slice(self.lists[list].clone())
    }

    /// Runs the kernel bound for each list; returns the partial sums of all lists in order.
    pub(super) fn run(&self, bound: &[Bound]) -> Result<Vec<f64>> {
        let mut commands = self.sums.gpu().commands("partial sums");
        for (list, bound) in self.lists.iter().zip(bound) {
            commands.dispatch(bound, list.len() as u32);
        }
        commands.submit_and_wait()?;
        let sums = self.sums.download()?;
        Ok(self.lists.iter().flat_map(|list| &sums[list.clone()]).map(|&sum| f64::from(sum)).collect())
    }
}
