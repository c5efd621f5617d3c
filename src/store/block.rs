//! Blocks of ratings as bytes: the columns one after the other, and a checksum.

use crate::ratings::{CHUNK, Chunk, Sides, is_rating};
use bytemuck::Pod;
use std::borrow::Cow;

/// The number of ratings in every block but the last.
pub(super) const BLOCK: usize = CHUNK;

/// Bytes of a checksum.
pub(super) const CHECKSUM: usize = blake3::OUT_LEN;

/// The bytes of a block of so many ratings.
pub(super) const fn bytes_of(ratings: usize, timed: bool) -> usize {
    ratings * if timed { 20 } else { 12 } + CHECKSUM
}

/// Numbers as little-endian bytes.
pub(super) fn little<T: Pod>(numbers: &[T]) -> Cow<'_, [u8]> {
    let native = bytemuck::cast_slice(numbers);
    if cfg!(target_endian = "little") {
        Cow::Borrowed(native)
    } else {
        Cow::Owned(native.chunks(size_of::<T>()).flat_map(|one| one.iter().rev().copied()).collect())
    }
}

/// Fills numbers from little-endian bytes.
pub(super) fn fill<T: Pod>(numbers: &mut [T], bytes: &[u8]) {
    let native = bytemuck::cast_slice_mut(numbers);
    native.copy_from_slice(bytes);
    if cfg!(target_endian = "big") {
        native.chunks_mut(size_of::<T>()).for_each(<[u8]>::reverse);
    }
}

/// The checksum of a block: that of its number and its columns, so that a block does not pass for another.
fn checksum(number: u64, columns: &[u8]) -> blake3::Hash {
    blake3::Hasher::new().update(&number.to_le_bytes()).update(columns).finalize()
}

/// Appends a block to `bytes`.
pub(super) fn write(number: u64, chunk: Chunk, timed: bool, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.extend_from_slice(&little(chunk.users));
    bytes.extend_from_slice(&little(chunk.items));
    bytes.extend_from_slice(&little(chunk.values));
    if timed {
        bytes.extend_from_slice(&little(chunk.times));
    }
    let checksum = checksum(number, &bytes[start..]);
    bytes.extend_from_slice(checksum.as_bytes());
}

/// The columns of ratings, to be filled.
pub(super) struct Columns<'a> {
    pub(super) users: &'a mut [u32],
    pub(super) items: &'a mut [u32],
    pub(super) values: &'a mut [f32],
    /// Empty where there are no times.
    pub(super) times: &'a mut [i64],
}

/// Reads a block of ratings of `size` users and items. The error says what is wrong with it.
pub(super) fn read(
    number: u64,
    bytes: &[u8],
    size: Sides<usize>,
    into: &mut Columns,
) -> std::result::Result<(), &'static str> {
    let (columns, found) = bytes.split_at(bytes.len() - CHECKSUM);
    if checksum(number, columns).as_bytes() != found {
        return Err("its checksum is wrong");
    }
    let (users, rest) = columns.split_at(size_of_val(&*into.users));
    let (items, rest) = rest.split_at(size_of_val(&*into.items));
    let (values, times) = rest.split_at(size_of_val(&*into.values));
    fill(into.users, users);
    fill(into.items, items);
    fill(into.values, values);
    fill(into.times, times);
    let below = |rows: &[u32], size: usize| rows.iter().all(|&row| (row as usize) < size);
    if !below(into.users, size.users) || !below(into.items, size.items) {
        return Err("a rating is of a user or an item that has no id");
    }
    if !into.values.iter().all(|&value| is_rating(value)) {
        return Err("a value is no rating");
    }
    Ok(())
}
