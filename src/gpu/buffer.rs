//! Typed buffers in device memory, and the slices of them that kernels are bound to.

use super::Gpu;
use crate::{Error, Result};
use bytemuck::Pod;
use std::{
    marker::PhantomData,
    ops::{Bound, RangeBounds},
    sync::atomic::Ordering,
};
use wgpu::BufferUsages;

/// `len` values of `T` in device memory, freed on drop.
#[derive(Debug)]
pub struct Buffer<T: Pod> {
    pub(super) gpu: Gpu,
    pub(super) inner: wgpu::Buffer,
    label: String,
    len: usize,
    // The values of `T` are on the device, not on the host.
    values: PhantomData<fn() -> T>,
}

/// A part of a buffer, as a kernel sees it through a binding.
#[derive(Debug, Clone, Copy)]
pub struct BufferSlice<'a> {
    pub(super) buffer: &'a wgpu::Buffer,
    pub(super) label: &'a str,
    /// In bytes, like the size.
    pub(super) offset: u64,
    pub(super) size: u64,
}

impl Gpu {
    /// A buffer of zeros.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when it is larger than the device, its limits or the memory limit allow.
    pub fn zeroed<T: Pod>(&self, label: &str, len: usize) -> Result<Buffer<T>> {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        self.allocate(label, len, usage)
    }

    /// A buffer that a kernel will fill: zeros, or NaN (all bits set) with the option `poison`.
    ///
    /// # Errors
    /// As [`Gpu::zeroed`].
    pub fn output<T: Pod>(&self, label: &str, len: usize) -> Result<Buffer<T>> {
        let buffer = self.zeroed(label, len)?;
        if self.inner.options.poison {
            buffer.poison()?;
        }
        Ok(buffer)
    }

    /// A buffer with these values.
    ///
    /// # Errors
    /// As [`Gpu::zeroed`], and [`Error::Device`] when the transfer fails.
    pub fn upload<T: Pod>(&self, label: &str, values: &[T]) -> Result<Buffer<T>> {
        let buffer = self.zeroed(label, values.len())?;
        buffer.write(0, values)?;
        Ok(buffer)
    }

    pub(super) fn allocate<T: Pod>(&self, label: &str, len: usize, usage: BufferUsages) -> Result<Buffer<T>> {
        let size = byte_size::<T>(len);
        let what = format!("buffer `{label}`");
        if size > self.inner.limits.max_buffer_size {
            return self.refuse(&what, size, "largest buffer", self.inner.limits.max_buffer_size);
        }
        // From now on `Buffer` releases the bytes when it is dropped.
        self.reserve(&what, size)?;
        let descriptor =
            wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
        let inner = self
            .guarded(&format!("buffer `{label}` of {size} bytes"), |gpu| {
                gpu.device.create_buffer(&descriptor)
            })
            .inspect_err(|_| self.release(size))?;
        Ok(Buffer { gpu: self.clone(), inner, label: label.to_owned(), len, values: PhantomData })
    }

    /// Counts bytes as allocated. The caller [releases](Gpu::release) them when the object that uses them is
    /// dropped.
    pub(super) fn reserve(&self, what: &str, size: u64) -> Result<()> {
        let before = self.inner.allocated.fetch_add(size, Ordering::Relaxed);
        if let Some(limit) = self.inner.options.memory_limit
            && before + size > limit
        {
            self.release(size);
            return self.refuse(what, size, "memory limit", limit.saturating_sub(before));
        }
        Ok(())
    }

    /// Checks that this many more bytes are within the memory limit.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if not.
    pub fn fits(&self, what: &str, size: u64) -> Result<()> {
        self.reserve(what, size)?;
        self.release(size);
        Ok(())
    }

    /// Bytes left of the memory limit, if there is one.
    pub(super) fn room(&self) -> Option<u64> {
        let limit = self.inner.options.memory_limit?;
        Some(limit.saturating_sub(self.allocated()))
    }

    pub(super) fn release(&self, size: u64) {
        self.inner.allocated.fetch_sub(size, Ordering::Relaxed);
    }

    fn refuse<T>(&self, what: &str, size: u64, limit: &str, available: u64) -> Result<T> {
        Err(Error::TooLarge(format!(
            "{what}: {size} bytes needed, {available} available ({limit} of {}); fewer `training.factors`, \
             more memory (`vram = SIZE`) or `device = cpu` would help",
            self.description().name
        )))
    }
}

/// The size of a buffer in bytes: never zero, so that it can be bound, and whole words, so that it can be
/// copied.
fn byte_size<T>(len: usize) -> u64 {
    ((len as u64).saturating_mul(size_of::<T>() as u64))
        .max(16)
        .checked_next_multiple_of(4)
        .unwrap_or(u64::MAX)
}

impl<T: Pod> Buffer<T> {
    /// The number of values.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no values.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The device that holds it.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// The whole buffer.
    pub fn all(&self) -> BufferSlice<'_> {
        BufferSlice { buffer: &self.inner, label: &self.label, offset: 0, size: self.inner.size() }
    }

    /// The alignment of slices, in values: [`Buffer::slice`] takes ranges that start at multiples of it.
    pub fn slice_alignment(&self) -> usize {
        let bytes = self.gpu.inner.limits.min_storage_buffer_offset_alignment as usize;
        // The smallest number of values whose bytes are a multiple of the alignment, which is a power of two.
        let shared = 1 << size_of::<T>().trailing_zeros().min(bytes.trailing_zeros());
        bytes / shared
    }

    /// The values of a range. An empty range still covers a few bytes, since a binding cannot be empty.
    ///
    /// # Errors
    /// [`Error::Bug`] when the range exceeds the buffer or does not start at a multiple of
    /// [`Buffer::slice_alignment`].
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Result<BufferSlice<'_>> {
        let (start, end) = bounds(&range, self.len);
        if start > end || end > self.len || !start.is_multiple_of(self.slice_alignment()) {
            return Err(Error::Bug(format!(
                "slice {start}..{end} of buffer `{}`: {} values, alignment {}",
                self.label,
                self.len,
                self.slice_alignment()
            )));
        }
        if start == end {
            return Ok(BufferSlice { size: self.inner.size().min(16), ..self.all() });
        }
        let offset = (start * size_of::<T>()) as u64;
        let size = (((end - start) * size_of::<T>()) as u64).next_multiple_of(4);
        Ok(BufferSlice { offset, size, ..self.all() })
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }
}

pub(super) fn bounds(range: &impl RangeBounds<usize>, len: usize) -> (usize, usize) {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&start) => start + 1,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&end) => end + 1,
        Bound::Excluded(&end) => end,
        Bound::Unbounded => len,
    };
    (start, end)
}

impl<T: Pod> Drop for Buffer<T> {
    fn drop(&mut self) {
        self.gpu.release(self.inner.size());
    }
}
