//! Predictions for a list of pairs that stays on the device.

use super::FactorBuffers;
use crate::gpu::kernels::prediction::{KERNEL, Pair};
use crate::gpu::{Bound, Buffer, Constant, Gpu, kernels};
use crate::{Error, Result};

/// A list of pairs on the device, bound to the kernel that predicts them.
#[derive(Debug)]
pub struct Predictions {
    bound: Bound,
    predictions: Buffer<f32>,
}

impl Predictions {
    /// Uploads pairs and binds them to factors whose rows are `stride` numbers apart, a multiple of 4.
    ///
    /// # Errors
    /// [`Error::Bug`] when a row number is out of range, [`Error::TooLarge`] or [`Error::Device`] as for any
    /// buffer.
    pub fn new(
        gpu: &Gpu,
        stride: usize,
        factors: FactorBuffers<'_>,
        (users, items): (&[u32], &[u32]),
    ) -> Result<Self> {
        let shape = (factors.user_states.len(), factors.item_states.len());
        let inside = |rows: &[u32], count| rows.iter().all(|&row| (row as usize) < count);
        if users.len() != items.len() || !inside(users, shape.0) || !inside(items, shape.1) {
            return Err(Error::Bug(format!("pairs outside of factors of {shape:?}")));
        }
        let pairs: Vec<Pair> = users.iter().zip(items).map(|(&user, &item)| Pair { user, item }).collect();
        let pairs = gpu.upload("pairs to predict", &pairs)?;
        let predictions = gpu.output("predictions", users.len())?;
        let pipeline = kernels::pipeline(gpu, &KERNEL, &[("STRIDE", Constant::U32(stride as u32))])?;
        let bound = pipeline.bind(&[
            factors.users.all(),
            factors.items.all(),
            factors.user_states.all(),
            factors.item_states.all(),
            pairs.slice(..)?,
            predictions.all(),
        ])?;
        Ok(Self { bound, predictions })
    }

    /// Predicts with the current factors, in the order of the pairs.
    ///
    /// # Errors
    /// [`Error::Device`] when the device fails.
    pub fn now(&self) -> Result<Vec<f32>> {
        if self.predictions.is_empty() {
            return Ok(Vec::new());
        }
        let mut commands = self.predictions.gpu().commands("predictions");
        commands.dispatch(&self.bound, self.predictions.len().div_ceil(64) as u32);
        commands.submit()?.wait()?;
        self.predictions.download()
    }
}
