//! The parameters of kernels: small structs in uniform bindings, several per buffer, one per dispatch.

use super::{Buffer, BufferSlice, Gpu};
use crate::{Error, Result};
use bytemuck::Pod;
use std::marker::PhantomData;
use wgpu::BufferUsages;

/// `len` parameter structs, each at an offset that can be bound.
#[derive(Debug)]
pub struct Params<P: Pod> {
    bytes: Buffer<u8>,
    stride: usize,
    len: usize,
    values: PhantomData<P>,
}

impl Gpu {
    /// Parameter structs with these values.
    ///
    /// # Errors
    /// [`Error::TooLarge`] or [`Error::Device`], as for any buffer.
    pub fn params<P: Pod>(&self, label: &str, values: &[P]) -> Result<Params<P>> {
        let alignment = self.limits().min_uniform_buffer_offset_alignment as usize;
        // The size of a uniform struct is a multiple of 16 bytes.
        let stride = size_of::<P>().next_multiple_of(16).next_multiple_of(alignment);
        let usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
        let bytes = self.allocate(label, stride * values.len().max(1), usage)?;
        let params = Params { bytes, stride, len: values.len(), values: PhantomData };
        params.write(values)?;
        Ok(params)
    }
}

impl<P: Pod> Params<P> {
    /// Replaces the values. Work that is submitted later sees them; work already submitted does not.
    ///
    /// # Errors
    /// [`Error::Bug`] when there are more values than structs, [`Error::Device`] when the transfer fails.
    pub fn write(&self, values: &[P]) -> Result<()> {
        if values.len() > self.len {
            return Err(Error::Bug(format!("{} parameter structs in room for {}", values.len(), self.len)));
        }
        let mut bytes = vec![0; self.stride * values.len()];
        for (place, value) in bytes.chunks_exact_mut(self.stride).zip(values) {
            place[..size_of::<P>()].copy_from_slice(bytemuck::bytes_of(value));
        }
        self.bytes.write(0, &bytes)
    }

    /// One parameter struct, to be bound.
    ///
    /// # Panics
    /// If `index` is out of range.
    pub fn at(&self, index: usize) -> BufferSlice<'_> {
        assert!(index < self.len, "parameter struct {index} of {}", self.len);
        let size = size_of::<P>().next_multiple_of(16) as u64;
        BufferSlice { offset: (index * self.stride) as u64, size, ..self.bytes.all() }
    }
}
