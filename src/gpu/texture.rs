//! Rows of numbers as texels of four numbers each. Software Vulkan fetches texels a vector at a time, but
//! reads buffers number by number.

use super::Gpu;
use crate::{Error, Result};
use wgpu::{Extent3d, TextureFormat, TextureUsages};

/// The fewest rows in a line of a texture: a line is then a multiple of 256 bytes at any width, as copies
/// require.
const LEAST_LINE: usize = 16;

/// Rows of whole quads as a texture, freed on drop. A line holds a power of two of rows, one after another.
#[derive(Debug)]
pub struct RowTexture {
    gpu: Gpu,
    pub(super) inner: wgpu::Texture,
    pub(super) view: wgpu::TextureView,
    /// The number of quads in a row.
    pub(super) quads: usize,
    /// The number of rows.
    pub(super) rows: usize,
    /// The number of rows in a line.
    pub(super) line: usize,
    bytes: u64,
}

/// The number of rows in a line, if a texture whose sides are at most `limit` holds this many rows.
fn line(rows: usize, quads: usize, limit: usize) -> Option<usize> {
    let line = rows.div_ceil(limit).next_power_of_two().max(LEAST_LINE);
    (line * quads <= limit).then_some(line)
}

impl Gpu {
    /// Whether a texture can hold this many rows of `quads` quads.
    pub fn has_row_texture(&self, rows: usize, quads: usize) -> bool {
        line(rows, quads, self.limits().max_texture_dimension_2d as usize).is_some()
    }

    /// A texture for rows of `quads` quads, of format [`RowTexture::NUMBERS`] or [`RowTexture::WORDS`].
    ///
    /// # Errors
    /// [`Error::TooLarge`] when it exceeds the device or the memory limit.
    pub fn row_texture(
        &self,
        label: &str,
        (rows, quads): (usize, usize),
        format: TextureFormat,
    ) -> Result<RowTexture> {
        let limit = self.limits().max_texture_dimension_2d as usize;
        let line = line(rows, quads, limit).ok_or_else(|| {
            Error::TooLarge(format!(
                "texture `{label}`: {rows} rows of {quads} quads are more than {limit} lines hold"
            ))
        })?;
        let size = Extent3d {
            width: (line * quads) as u32,
            height: rows.div_ceil(line).max(1) as u32,
            depth_or_array_layers: 1,
        };
        let bytes = 16 * u64::from(size.width) * u64::from(size.height);
        self.reserve(&format!("texture `{label}`"), bytes)?;
        let descriptor = wgpu::TextureDescriptor {
            label: Some(label),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: TextureUsages::STORAGE_BINDING | TextureUsages::COPY_DST,
            view_formats: &[],
        };
        let (inner, view) = self
            .guarded(&format!("texture `{label}`"), |gpu| {
                let inner = gpu.device.create_texture(&descriptor);
                let view = inner.create_view(&wgpu::TextureViewDescriptor::default());
                (inner, view)
            })
            .inspect_err(|_| self.release(bytes))?;
        Ok(RowTexture { gpu: self.clone(), inner, view, quads, rows, line, bytes })
    }
}

impl RowTexture {
    /// Four `f32` per texel.
    pub const NUMBERS: TextureFormat = TextureFormat::Rgba32Float;
    /// Four `u32` per texel.
    pub const WORDS: TextureFormat = TextureFormat::Rgba32Uint;
}

impl Drop for RowTexture {
    fn drop(&mut self) {
        self.gpu.release(self.bytes);
    }
}
