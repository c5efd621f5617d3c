//! Work for the device, recorded and then submitted at once: dispatches within a pass, copies between passes.

use super::{Bound, Buffer, BufferSlice, Gpu, RowTexture};
use crate::{Error, Result};
use bytemuck::Pod;
use std::ops::Range;
use wgpu::{Extent3d, Origin3d, TexelCopyBufferInfo, TexelCopyBufferLayout};

/// Work that is being recorded. Dispatches run in order; each sees what earlier ones wrote.
#[derive(Debug)]
pub struct Commands {
    gpu: Gpu,
    label: String,
    // The pass borrows from the encoder under wgpu's own bookkeeping, and must end before it.
    pub(super) pass: Option<wgpu::ComputePass<'static>>,
    pub(super) encoder: wgpu::CommandEncoder,
}

/// Submitted work.
#[derive(Debug, Clone)]
#[must_use = "work that nobody waits for may still be running"]
pub struct Submission {
    gpu: Gpu,
    index: wgpu::SubmissionIndex,
}

impl Gpu {
    /// Starts recording; `label` names the work in errors.
    pub fn commands(&self, label: &str) -> Commands {
        let descriptor = wgpu::CommandEncoderDescriptor { label: Some(label) };
        let encoder = self.inner.device.create_command_encoder(&descriptor);
        Commands { gpu: self.clone(), label: label.to_owned(), pass: None, encoder }
    }
}

/// A two-dimensional grid of at least `workgroups` workgroups. More than `limit` are laid out in rows of
/// `limit`, and the kernel drops the surplus (`flat_workgroup` in `shaders/shared.wgsl`).
fn grid(workgroups: u32, limit: u32) -> (u32, u32) {
    if workgroups <= limit { (workgroups, 1) } else { (limit, workgroups.div_ceil(limit)) }
}

impl Commands {
    /// Records a dispatch of `workgroups` workgroups; 0 does nothing.
    pub fn dispatch(&mut self, bound: &Bound, workgroups: u32) -> &mut Self {
        if workgroups == 0 {
            return self;
        }
        let (x, y) = grid(workgroups, self.gpu.limits().max_compute_workgroups_per_dimension);
        let pass = self.pass.get_or_insert_with(|| {
            self.encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()).forget_lifetime()
        });
        pass.set_pipeline(&bound.pipeline);
        pass.set_bind_group(0, &bound.group, &[]);
        pass.dispatch_workgroups(x, y, 1);
        self
    }

    /// Records a copy between buffers.
    ///
    /// # Errors
    /// [`Error::Bug`] when the two differ in size.
    pub fn copy(&mut self, from: BufferSlice<'_>, to: BufferSlice<'_>) -> Result<&mut Self> {
        if from.size != to.size {
            return Err(Error::Bug(format!("copy of {} bytes onto {}", from.size, to.size)));
        }
        self.pass = None;
        self.encoder.copy_buffer_to_buffer(from.buffer, from.offset, to.buffer, to.offset, from.size);
        Ok(self)
    }

    /// Records a copy of `rows` of a buffer to the first rows of a texture.
    ///
    /// # Errors
    /// [`Error::Bug`] when the rows exceed the buffer or the texture.
    pub fn copy_rows<T: Pod>(&mut self, from: &Buffer<T>, rows: Range<usize>, to: &RowTexture) -> Result<()> {
        let row = 16 * to.quads;
        if rows.len() > to.rows || rows.end * row > from.len() * size_of::<T>() {
            return Err(Error::Bug(format!("copy of rows {rows:?} of `{}` to a texture", from.label())));
        }
        self.pass = None;
        let (whole, rest) = (rows.len() / to.line, rows.len() % to.line);
        for (first, lines, width) in [(0, whole, to.line), (whole, 1, rest)] {
            if lines * width == 0 {
                continue;
            }
            let layout = TexelCopyBufferLayout {
                offset: ((rows.start + first * to.line) * row) as u64,
                bytes_per_row: Some((to.line * row) as u32),
                rows_per_image: None,
            };
            let mut target = to.inner.as_image_copy();
            target.origin = Origin3d { x: 0, y: first as u32, z: 0 };
            let (width, height) = ((width * to.quads) as u32, lines as u32);
            let size = Extent3d { width, height, depth_or_array_layers: 1 };
            self.encoder.copy_buffer_to_texture(
                TexelCopyBufferInfo { buffer: &from.inner, layout },
                target,
                size,
            );
        }
        Ok(())
    }

    /// Records a command that fills a slice with zeros.
    pub fn clear(&mut self, slice: BufferSlice<'_>) -> &mut Self {
        self.pass = None;
        self.encoder.clear_buffer(slice.buffer, slice.offset, Some(slice.size));
        self
    }

    /// Submits the work to the device without waiting for it.
    ///
    /// # Errors
    /// [`Error::Device`] when the device refuses any of it.
    pub fn submit(self) -> Result<Submission> {
        let Self { gpu, label, pass, encoder } = self;
        let index = gpu.guarded(&label, |gpu| {
            drop(pass);
            gpu.queue.submit([encoder.finish()])
        })?;
        Ok(Submission { gpu, index })
    }

    /// Submits the work to the device and waits until it has run.
    ///
    /// # Errors
    /// [`Error::Device`] when the device refuses the work, is lost, or does not answer in time.
    pub fn submit_and_wait(self) -> Result<()> {
        self.submit()?.wait()
    }
}

impl Submission {
    /// Waits until the work has run.
    ///
    /// # Errors
    /// [`Error::Device`] when the device is lost or does not answer in time.
    pub fn wait(self) -> Result<()> {
        self.gpu.wait_for(Some(self.index))
    }
}

#[cfg(test)]
mod tests {
    use super::grid;

    #[test]
    fn grids_hold_at_least_what_was_asked_for() {
        assert_eq!(grid(1, 65_535), (1, 1));
        assert_eq!(grid(65_535, 65_535), (65_535, 1));
        assert_eq!(grid(65_536, 65_535), (65_535, 2));
        assert_eq!(grid(7, 3), (3, 3));
    }
}
