//! The completed matrix as a numpy array, row by row.

use super::completed::{Size, each_row};
use super::{Progress, User};
use crate::error::Result;
use crate::files::Sink;
use crate::model::Model;

/// Writes the completed matrix as a `.npy` file of `f32`, `users` x all items, in the order of [`completed`](super::completed)
/// and with its values. Without quotes and commas it is a quarter of the table's size; ids are not in it.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write).
pub fn completed_npy(model: &Model, users: &[User], mut sink: Sink, progress: &mut Progress) -> Result<()> {
    sink.put(&header(users.len(), model.items.len()))?;
    let mut bytes = Vec::with_capacity(4 * model.items.len());
    let mut done = 0;
    each_row(model, users, false, &mut |_, values, _| {
        bytes.clear();
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        sink.put(&bytes)?;
        done += 1;
        progress(done);
        Ok(())
    })?;
    sink.commit()
}

/// How large the file of [`completed_npy`] will be, exactly.
pub fn completed_npy_size(model: &Model, users: &[User]) -> Size {
    let (rows, columns) = (users.len(), model.items.len());
    let bytes = header(rows, columns).len() as u64 + 4 * rows as u64 * columns as u64;
    Size { rows: rows as u64, bytes }
}

/// Version 1.0 of the format: magic, length, a Python literal, blanks up to a multiple of 64 bytes.
fn header(rows: usize, columns: usize) -> Vec<u8> {
    let shape = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let length = (10 + shape.len() + 1).next_multiple_of(64) - 10;
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((length as u16).to_le_bytes());
    header.extend(shape.bytes());
    header.resize(10 + length - 1, b' ');
    header.push(b'\n');
    header
}
