//! The sum of the losses of rows on the device.

use super::partial_sums::{CHUNK, PartialSums};
use crate::Result;
use crate::gpu::kernels::loss::{KERNEL, Params};
use crate::gpu::kernels::row_sgd::State;
use crate::gpu::{Bound, Buffer, Gpu, kernels};

/// Sums the losses of the rows of one side.
#[derive(Debug)]
pub struct Losses {
    sums: PartialSums,
    /// One per piece of the rows.
    bound: Vec<Bound>,
}

impl Losses {
    /// Binds the states of rows, in pieces if the device cannot bind all of them at once.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) or [`Error::Device`](crate::Error::Device) as for any
    /// buffer.
    pub fn new(gpu: &Gpu, states: &Buffer<State>) -> Result<Self> {
        let limit = gpu.limits().max_storage_buffer_binding_size as usize;
        let most = (limit / size_of::<State>() / CHUNK * CHUNK).max(CHUNK);
        let pieces: Vec<_> =
            (0..states.len()).step_by(most).map(|first| first..states.len().min(first + most)).collect();
        let params: Vec<Params> = pieces.iter().map(|rows| Params { count: rows.len() as u32 }).collect();
        let params = gpu.params("loss params", &params)?;
        let sums = PartialSums::new(gpu, pieces.iter().map(std::ops::Range::len))?;
        let pipeline = kernels::pipeline(gpu, &KERNEL, &[])?;
        let bind = |(n, rows): (usize, &std::ops::Range<usize>)| {
            pipeline.bind(&[params.at(n), states.slice(rows.clone())?, sums.of(n)?])
        };
        let bound = pieces.iter().enumerate().map(bind).collect::<Result<_>>()?;
        Ok(Self { sums, bound })
    }

    /// Sums the current losses over parts of the rows. The same losses give the same bits.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) when the device fails.
    pub fn parts(&self) -> Result<Vec<f64>> {
        self.sums.run(&self.bound)
    }
}
