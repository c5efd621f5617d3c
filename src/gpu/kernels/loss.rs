//! Host twin of `shaders/loss.wgsl`: the sum of the losses of rows, which are on the device.

use super::row_sgd::State;
use super::squared_error::CHUNK;
use crate::Result;
use crate::gpu::kernel::twin;
use crate::gpu::{Binding, Bound, Buffer, Gpu, Kernel};
use bytemuck::{Pod, Zeroable};

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Params {
    count: u32,
}

pub(super) static KERNEL: Kernel = Kernel {
    name: "loss",
    source: concat!(
        include_str!("../../../shaders/partial_sums.wgsl"),
        include_str!("../../../shaders/loss.wgsl")
    ),
    bindings: &[Binding::Uniform("params"), Binding::Read("states"), Binding::ReadWrite("sums")],
    twins: &[twin!(Params { count }), twin!(State { bias, factor_sum, bias_sum, loss })],
    permutations: || vec![Vec::new()],
};

/// What sums the losses of the rows of one side.
#[derive(Debug)]
pub struct Losses {
    /// Of each piece of the rows, what sums it, how many workgroups do, and where their sums lie.
    pieces: Vec<(Bound, usize, usize)>,
    sums: Buffer<f32>,
}

impl Losses {
    /// Binds the states of rows, in pieces where the device cannot bind all at once.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) or [`Error::Device`](crate::Error::Device) as for any buffer.
    pub fn new(gpu: &Gpu, states: &Buffer<State>) -> Result<Self> {
        let limit = gpu.limits().max_storage_buffer_binding_size as usize;
        let most = (limit / size_of::<State>() / CHUNK * CHUNK).max(CHUNK);
        let pieces: Vec<_> =
            (0..states.len()).step_by(most).map(|first| first..states.len().min(first + most)).collect();
        let params: Vec<Params> = pieces.iter().map(|rows| Params { count: rows.len() as u32 }).collect();
        let params = gpu.params("loss params", &params)?;
        // Any device can bind at a multiple of 64 numbers.
        let room = |rows: &std::ops::Range<usize>| rows.len().div_ceil(CHUNK).next_multiple_of(64);
        let sums = gpu.output("loss sums", pieces.iter().map(room).sum())?;
        let pipeline = KERNEL.pipeline(gpu, &[])?;
        let (mut bound, mut at) = (Vec::new(), 0);
        for (n, rows) in pieces.iter().enumerate() {
            let groups = rows.len().div_ceil(CHUNK);
            let resources = [params.at(n), states.slice(rows.clone())?, sums.slice(at..at + groups)?];
            bound.push((pipeline.bind(&resources)?, groups, at));
            at += room(rows);
        }
        Ok(Self { pieces: bound, sums })
    }

    /// The sum as it is now. The same losses give the same bits.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) when the device fails.
    pub fn sum(&self) -> Result<f64> {
        let mut commands = self.sums.gpu().commands("losses");
        for (bound, groups, _) in &self.pieces {
            commands.dispatch(bound, *groups as u32);
        }
        commands.submit_and_wait()?;
        let sums = self.sums.download()?;
        let of = |&(_, groups, at): &(Bound, usize, usize)| &sums[at..at + groups];
        Ok(self.pieces.iter().flat_map(of).map(|&sum| f64::from(sum)).sum())
    }
}
