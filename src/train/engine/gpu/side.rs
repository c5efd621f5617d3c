//! One side's rows on the device.

use crate::gpu::kernels::row_sgd::State as DeviceState;
use crate::gpu::{Buffer, Commands, Gpu, Resource, pad_rows, unpad_rows};
use crate::train::row::RowState;
use crate::train::row::normal::Numbers;
use crate::train::state::SideState;
use crate::{Error, Result};
use std::ops::Range;

/// Factors in rows of `stride` numbers, padded with zeros, and the states of the rows.
#[derive(Debug)]
pub(super) struct Factors {
    pub(super) rows: Buffer<f32>,
    pub(super) states: Buffer<DeviceState>,
    /// Implicit feature vectors, laid out as the factors, if they were computed or set.
    pub(super) implicit: Option<Buffer<f32>>,
    columns: usize,
    pub(super) stride: usize,
}

impl Factors {
    pub(super) fn upload(gpu: &Gpu, name: &str, side: &SideState, stride: usize) -> Result<Self> {
        let rows = gpu.zeroed(&format!("{name} factors"), side.rows.len() * stride)?;
        let states = gpu.zeroed(&format!("{name} states"), side.rows.len())?;
        let this = Self { rows, states, implicit: None, columns: side.factors.columns(), stride };
        this.write(0, side)?;
        Ok(this)
    }

    /// Allocates buffers of the same size, without implicit features.
    pub(super) fn alike(&self, gpu: &Gpu) -> Result<Self> {
        let rows = gpu.zeroed("factors set aside", self.rows.len())?;
        let states = gpu.zeroed("states set aside", self.states.len())?;
        Ok(Self { rows, states, implicit: None, ..*self })
    }

    /// The implicit feature vectors that a sweep reads; where it reads none, any buffer.
    pub(super) fn implicit_of(&self, numbers: &Numbers) -> Result<&Buffer<f32>> {
        if numbers.implicit_weight > 0.0 {
            let missing = || Error::Bug("a sweep by implicit features that were not computed".into());
            return self.implicit.as_ref().ok_or_else(missing);
        }
        Ok(&self.rows)
    }

    /// The number of factors of a row.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The number of bytes, without implicit features.
    pub(super) fn bytes(&self) -> u64 {
        (size_of::<f32>() * self.rows.len() + size_of::<DeviceState>() * self.states.len()) as u64
    }

    /// Records a copy of the rows and states to another side of the same size.
    pub(super) fn copy_to(&self, other: &Self, commands: &mut Commands) -> Result<()> {
        commands.copy(self.rows.all(), other.rows.all())?;
        commands.copy(self.states.all(), other.states.all())?;
        Ok(())
    }

    /// Some of the rows and their states, as a kernel binds them.
    pub(super) fn resources(&self, rows: &Range<usize>) -> Result<[Resource<'_>; 2]> {
        let numbers = self.rows.slice(rows.start * self.stride..rows.end * self.stride)?;
        Ok([numbers.into(), self.states.slice(rows.clone())?.into()])
    }

    /// Replaces the rows beginning with `first`.
    pub(super) fn write(&self, first: usize, side: &SideState) -> Result<()> {
        self.rows.write(first * self.stride, &pad_rows(&side.factors, self.stride))?;
        self.set_states(first, &side.rows)
    }

    pub(super) fn download(&self, rows: Range<usize>) -> Result<SideState> {
        let numbers = self.rows.download_range(rows.start * self.stride..rows.end * self.stride)?;
        let states = self.states.download_range(rows)?;
        let factors = unpad_rows(numbers, self.columns, self.stride);
        Ok(SideState { factors, rows: bytemuck::cast_slice(&states).to_vec() })
    }

    pub(super) fn states(&self) -> Result<Vec<RowState>> {
        Ok(bytemuck::cast_slice::<DeviceState, RowState>(&self.states.download()?).to_vec())
    }

    pub(super) fn set_states(&self, first: usize, rows: &[RowState]) -> Result<()> {
        self.states.write(first, bytemuck::cast_slice(rows))
    }
}
