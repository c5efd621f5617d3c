//! The completed matrix as a numpy array, some rows at a time.

use super::rows::each_block;
use super::size::Size;
use crate::error::Result;
use crate::files::Sink;
use crate::model::Model;
use crate::output::batch::finite;
use crate::output::npy::{Precision, header, little_endian};
use crate::output::{Progress, User};
use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

/// Numbers that one task turns into halves.
const BLOCK: usize = 1 << 16;

/// Writes the completed matrix as a `.npy` file, `users` x all items, in the order of
/// [`completed`](super::completed()) and with its values; it has no ids. An unpacked file can be
/// memory-mapped.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write).
pub fn completed_npy(
    model: &Model,
    users: &[User],
    precision: Precision,
    mut sink: Sink,
    progress: &mut Progress,
) -> Result<()> {
    sink.put(&header(&[users.len(), model.items.len()], precision))?;
    let mut halves = Vec::new();
    let mut done = 0;
    each_block(model, users, false, |users, values, _| {
        match precision {
            Precision::Single => sink.put(&little_endian(values)?)?,
            Precision::Half => {
                halves.resize(values.len(), f16::ZERO);
                let parts = halves.par_chunks_mut(BLOCK).zip(values.par_chunks(BLOCK));
                parts.for_each(|(halves, values)| halves.convert_from_f32_slice(values));
                finite(halves.iter().map(|&half| half.into()))?;
                halves.iter_mut().for_each(|half| *half = f16::from_bits(half.to_bits().to_le()));
                sink.put(bytemuck::cast_slice(&halves))?;
            }
        }
        done += users.len() as u64;
        progress(done);
        Ok(())
    })?;
    sink.commit()
}

/// The exact size of the file of [`completed_npy`].
pub fn completed_npy_size(model: &Model, users: &[User], precision: Precision) -> Size {
    let shape = [users.len(), model.items.len()];
    let numbers = shape[0] as u64 * shape[1] as u64;
    let bytes = header(&shape, precision).len() as u64 + precision.bytes() * numbers;
    Size { rows: shape[0] as u64, bytes }
}
