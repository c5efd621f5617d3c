//! Transfers values to the device and back, in pieces, so that neither side needs a second copy of
//! everything.

use super::{Buffer, Gpu, buffer::bounds};
use crate::{Error, Result};
use bytemuck::Pod;
use rayon::prelude::*;
use std::{ops::RangeBounds, sync::mpsc};
use wgpu::BufferUsages;

/// Bytes in one piece of a transfer.
const PIECE: usize = 64 << 20;
/// Bytes of a piece that a thread allocates and writes at once: the first touch of memory takes longer than
/// the copy.
const SHARE: usize = 8 << 20;
/// Bytes of a piece that a thread reads at once.
const READ: usize = 1 << 20;
/// The fewest bytes in a piece of a download, unless the whole download is smaller.
const LEAST_PIECE: usize = 16 << 10;

impl<T: Pod> Buffer<T> {
    /// Writes values from position `at` on. Work that is submitted later sees them.
    ///
    /// # Errors
    /// [`Error::Bug`] when they do not fit, [`Error::Device`] when the transfer fails.
    pub fn write(&self, at: usize, values: &[T]) -> Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(values);
        let offset = at * size_of::<T>();
        if at + values.len() > self.len() || !offset.is_multiple_of(4) {
            return Err(Error::Bug(format!(
                "write of {} values at {at} to buffer `{}` of {}",
                values.len(),
                self.label(),
                self.len()
            )));
        }
        for (piece, bytes) in bytes.chunks(PIECE).enumerate() {
            let offset = offset + piece * PIECE;
            let shares = bytes.par_chunks(SHARE).enumerate();
            shares.try_for_each(|(share, bytes)| self.write_share((offset + share * SHARE) as u64, bytes))?;
            if bytes.len() == PIECE {
                // Staging memory is released when a submission that used it has run.
                self.gpu.flush()?;
            }
        }
        Ok(())
    }

    fn write_share(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.gpu.guarded(&format!("upload of `{}`", self.label()), |gpu| {
            if bytes.len().is_multiple_of(4) {
                gpu.queue.write_buffer(&self.inner, offset, bytes);
            } else {
                // Only the end of a buffer of small values gets here; the buffer itself is whole words.
                let mut words = bytes.to_vec();
                words.resize(bytes.len().next_multiple_of(4), 0);
                gpu.queue.write_buffer(&self.inner, offset, &words);
            }
        })
    }

    /// Sets all bits of all values, which reads as NaN.
    pub(super) fn poison(&self) -> Result<()> {
        let words = vec![u32::MAX; (self.inner.size() as usize).min(PIECE) / 4];
        for offset in (0..self.inner.size()).step_by(PIECE) {
            let rest = ((self.inner.size() - offset) as usize).min(PIECE) / 4;
            self.gpu.guarded(&format!("poison of `{}`", self.label()), |gpu| {
                gpu.queue.write_buffer(&self.inner, offset, bytemuck::cast_slice(&words[..rest]));
            })?;
            self.gpu.flush()?;
        }
        Ok(())
    }

    /// Waits for all submitted work, and returns all values.
    ///
    /// # Errors
    /// [`Error::Device`] when the device fails, [`Error::TooLarge`] when there is no memory for staging.
    pub fn download(&self) -> Result<Vec<T>> {
        self.download_range(..)
    }

    /// Waits for all submitted work, and returns the values of a range.
    ///
    /// # Errors
    /// As [`Buffer::download`], and [`Error::Bug`] when the range exceeds the buffer or starts inside a word.
    pub fn download_range(&self, range: impl RangeBounds<usize>) -> Result<Vec<T>> {
        let (start, end) = bounds(&range, self.len());
        let offset = start * size_of::<T>();
        if start > end || end > self.len() || !offset.is_multiple_of(4) {
            return Err(Error::Bug(format!("download of {start}..{end} of buffer `{}`", self.label())));
        }
        let mut values = vec![T::zeroed(); end - start];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
        if bytes.is_empty() {
            return Ok(values);
        }
        // Where memory is short, the pieces are smaller, but whole words.
        let room =
            self.gpu.room().map_or(PIECE, |room| (room as usize / 2).clamp(LEAST_PIECE, PIECE) / 4 * 4);
        let piece = bytes.len().min(room);
        let staging =
            self.gpu.allocate::<u8>("staging", piece, BufferUsages::MAP_READ | BufferUsages::COPY_DST)?;
        for (n, bytes) in bytes.chunks_mut(piece).enumerate() {
            self.read_piece((offset + n * piece) as u64, bytes, &staging)?;
        }
        Ok(values)
    }

    fn read_piece(&self, offset: u64, bytes: &mut [u8], staging: &Buffer<u8>) -> Result<()> {
        let what = format!("download of `{}`", self.label());
        let size = (bytes.len() as u64).next_multiple_of(4);
        let (sender, receiver) = mpsc::channel();
        let submission = self.gpu.guarded(&what, |gpu| {
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.copy_buffer_to_buffer(&self.inner, offset, &staging.inner, 0, size);
            let submission = gpu.queue.submit([encoder.finish()]);
            staging.inner.map_async(wgpu::MapMode::Read, 0..size, move |result| {
                // The receiver is gone only if the wait failed, and that error is already returned.
                let _ = sender.send(result);
            });
            submission
        })?;
        self.gpu.wait_for(Some(submission))?;
        let failed = |why: &dyn std::fmt::Display| Error::Device(format!("{what}: {why}"));
        // Another thread that waits for its own work may run the callback.
        match receiver.recv_timeout(self.gpu.options().timeout) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(failed(&error)),
            Err(error) => return Err(failed(&error)),
        }
        let view = staging.inner.get_mapped_range(0..size).map_err(|error| failed(&error))?;
        let pieces = bytes.par_chunks_mut(READ).zip(view.par_chunks(READ));
        pieces.for_each(|(bytes, view)| bytes.copy_from_slice(&view[..bytes.len()]));
        drop(view);
        staging.inner.unmap();
        Ok(())
    }
}

impl Gpu {
    /// Submits pending transfers and waits for them.
    fn flush(&self) -> Result<()> {
        let submission = self.guarded("transfer", |gpu| gpu.queue.submit([]))?;
        self.wait_for(Some(submission))
    }
}
