//! Writes ratings to disk in their order, block by block.

use super::block::{BLOCK, write};
use super::on_disk::{Disk, OnDisk};
use crate::Result;
use crate::files::Scratch;
use crate::ratings::{Chunk, Ratings, Sides};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Turns ratings into blocks.
pub(super) struct Blocks {
    timed: bool,
    ratings: Ratings,
    times: Vec<i64>,
    /// The number of the next block.
    number: u64,
    bytes: Vec<u8>,
}

impl Blocks {
    pub(super) fn new(timed: bool) -> Self {
        Self { timed, ratings: Ratings::default(), times: Vec::new(), number: 0, bytes: Vec::new() }
    }

    /// The number of ratings so far.
    pub(super) fn count(&self) -> usize {
        self.number as usize * BLOCK + self.ratings.len()
    }

    /// Adds ratings; where times are kept, one that is not known is 0. `emit` gets the bytes of whole blocks.
    pub(super) fn add(&mut self, chunk: Chunk, emit: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut start = 0;
        while start < chunk.len() {
            let end = chunk.len().min(start + BLOCK - self.ratings.len());
            self.take(chunk, start..end);
            if self.ratings.len() == BLOCK {
                self.flush(emit)?;
            }
            start = end;
        }
        Ok(())
    }

    fn take(&mut self, chunk: Chunk, part: Range<usize>) {
        self.ratings.users.extend_from_slice(&chunk.users[part.clone()]);
        self.ratings.items.extend_from_slice(&chunk.items[part.clone()]);
        self.ratings.values.extend_from_slice(&chunk.values[part.clone()]);
        if self.timed {
            match chunk.times.get(part) {
                Some(times) => self.times.extend_from_slice(times),
                None => self.times.resize(self.ratings.len(), 0),
            }
        }
    }

    /// Emits what is left. Nothing may be added after that.
    pub(super) fn flush(&mut self, emit: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if self.ratings.is_empty() {
            return Ok(());
        }
        self.bytes.clear();
        let Ratings { users, items, values } = &self.ratings;
        write(self.number, Chunk { users, items, values, times: &self.times }, self.timed, &mut self.bytes);
        self.number += 1;
        self.ratings.users.clear();
        self.ratings.items.clear();
        self.ratings.values.clear();
        self.times.clear();
        emit(&self.bytes)
    }
}

/// Ratings that are written to a file without a name.
pub struct Spill {
    file: Scratch,
    at: u64,
    blocks: Blocks,
    timed: bool,
}

impl Spill {
    /// Begins a file on the disk of a directory, with times or without.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(directory: &Path, timed: bool) -> Result<Self> {
        Ok(Self { file: Scratch::create(directory)?, at: 0, blocks: Blocks::new(timed), timed })
    }

    /// The number of ratings so far.
    pub fn len(&self) -> usize {
        self.blocks.count()
    }

    /// Whether there are no ratings yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds ratings; where times are kept, one that is not known is 0.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn add(&mut self, chunk: Chunk) -> Result<()> {
        let Self { file, at, blocks, .. } = self;
        blocks.add(chunk, &mut |bytes| append(file, at, bytes))
    }

    /// The ratings, which are of so many users and items.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(self, size: Sides<usize>) -> Result<OnDisk> {
        let Self { file, mut at, mut blocks, timed } = self;
        let ratings = blocks.count();
        blocks.flush(&mut |bytes| append(&file, &mut at, bytes))?;
        Ok(OnDisk { disk: Arc::new(Disk::Scratch(file)), at: 0, ratings, timed, told: timed, size })
    }
}

fn append(file: &Scratch, at: &mut u64, bytes: &[u8]) -> Result<()> {
    file.write_at(bytes, *at)?;
    *at += bytes.len() as u64;
    Ok(())
}
