//! Ratings in a file, in blocks. They are read group by group; while one is worked on, the next one is read.

use super::block::{BLOCK, Columns, bytes_of, read};
use crate::files::{File, Scratch};
use crate::human::thousands;
use crate::memory::{need, reserve};
use crate::ratings::{Chunk, Ratings, Sides, Take};
use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

/// The most blocks that are read at once.
const MOST: usize = 16;

/// Parts of the memory that are given, of which reading takes one: bytes twice, and the columns.
const PART: usize = 4;

/// Bytes of memory for reading all ratings into memory.
const LOADED: usize = 64 << 20;

/// The file that ratings are in.
#[derive(Debug)]
pub(super) enum Disk {
    /// One that has a name, for errors.
    Named(File, PathBuf),
    /// One without a name.
    Scratch(Scratch),
}

impl Disk {
    pub(super) fn read_at(&self, bytes: &mut [u8], at: u64) -> Result<()> {
        match self {
            Self::Named(file, path) => file.read_at(bytes, at).map_err(Error::read(path)),
            Self::Scratch(file) => file.read_at(bytes, at),
        }
    }

    /// The error for what is in the file.
    pub(super) fn damaged(&self, why: String) -> Error {
        match self {
            Self::Named(_, path) => Error::Damaged { path: path.clone(), why },
            Self::Scratch(_) => Error::Bug(format!("ratings in a scratch file: {why}")),
        }
    }
}

/// Ratings in a file.
#[derive(Debug, Clone)]
pub struct OnDisk {
    pub(super) disk: Arc<Disk>,
    /// Where the blocks begin.
    pub(super) at: u64,
    pub(super) ratings: usize,
    /// Whether the blocks have times, and whether these are told.
    pub(super) timed: bool,
    pub(super) told: bool,
    /// The number of users and of items.
    pub(super) size: Sides<usize>,
}

/// The columns of a group of blocks.
#[derive(Default)]
struct Group {
    ratings: Ratings,
    times: Vec<i64>,
}

impl OnDisk {
    /// The number of ratings.
    pub fn len(&self) -> usize {
        self.ratings
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.ratings == 0
    }

    /// Whether it is known when the ratings were given.
    pub fn is_timed(&self) -> bool {
        self.timed && self.told
    }

    /// The number of users and of items.
    pub fn size(&self) -> Sides<usize> {
        self.size
    }

    /// The same ratings, without their times unless `told`.
    #[must_use]
    pub fn with_times(self, told: bool) -> Self {
        Self { told, ..self }
    }

    /// The bytes of all blocks.
    pub(super) fn bytes(&self) -> u64 {
        let (whole, rest) = ((self.ratings / BLOCK) as u64, self.ratings % BLOCK);
        let last = if rest > 0 { bytes_of(rest, self.timed) as u64 } else { 0 };
        whole * bytes_of(BLOCK, self.timed) as u64 + last
    }

    /// Calls `take` with the ratings at these positions, group by group, within about so many `bytes` of memory. All
    /// groups but the first and the last have whole blocks.
    ///
    /// # Errors
    /// Those of reading, [`Error::Damaged`] for a block that is not what was written, and those of `take`.
    pub fn each(&self, places: Range<usize>, bytes: usize, take: &mut Take) -> Result<()> {
        if places.is_empty() {
            return Ok(());
        }
        let many = (bytes / PART / bytes_of(BLOCK, self.timed)).clamp(1, MOST);
        let blocks = places.start / BLOCK..places.end.div_ceil(BLOCK);
        std::thread::scope(|scope| {
            let (done, read) = sync_channel::<Result<Vec<u8>>>(0);
            let (give_back, spare) = sync_channel::<Vec<u8>>(2);
            let (all, step) = (blocks.clone(), many);
            scope.spawn(move || {
                for first in all.clone().step_by(step) {
                    let group = first..(first + step).min(all.end);
                    let mut room = spare.try_recv().unwrap_or_default();
                    let result = self.fetch(group, &mut room).map(|()| room);
                    // Whoever listens no more has an error of its own.
                    if done.send(result).is_err() {
                        return;
                    }
                }
            });
            let mut group = Group::default();
            for first in blocks.clone().step_by(many) {
                let stopped = |_| Error::Bug("the thread that reads ratings stopped".into());
                let bytes = read.recv().map_err(stopped)??;
                self.decode(first, &bytes, &mut group)?;
                let _ = give_back.try_send(bytes);
                let Group { ratings, times } = &group;
                let start = first * BLOCK;
                let own = places.start.max(start) - start..places.end.min(start + ratings.len()) - start;
                let times = if self.is_timed() { &times[own.clone()] } else { &[] };
                let chunk = Chunk {
                    users: &ratings.users[own.clone()],
                    items: &ratings.items[own.clone()],
                    values: &ratings.values[own.clone()],
                    times,
                };
                take(start + own.start, chunk)?;
            }
            Ok(())
        })
    }

    /// All ratings in memory, with their times if these are known.
    ///
    /// # Errors
    /// Those of reading; [`Error::TooLarge`](crate::Error::TooLarge) if memory is refused.
    pub fn load(&self) -> Result<(Ratings, Vec<i64>)> {
        let count = self.ratings;
        let bytes = count as u64 * if self.is_timed() { 20 } else { 12 };
        need(
            bytes,
            &format!("reading {} ratings", thousands(count as u64)),
            "`memory = SIZE` for training helps",
        )?;
        let (mut ratings, mut times) = (Ratings::default(), Vec::new());
        reserve(&mut ratings.users, count)?;
        reserve(&mut ratings.items, count)?;
        reserve(&mut ratings.values, count)?;
        reserve(&mut times, if self.is_timed() { count } else { 0 })?;
        self.each(0..count, LOADED, &mut |_, chunk| {
            ratings.users.extend_from_slice(chunk.users);
            ratings.items.extend_from_slice(chunk.items);
            ratings.values.extend_from_slice(chunk.values);
            times.extend_from_slice(chunk.times);
            Ok(())
        })?;
        Ok((ratings, times))
    }

    /// The number of ratings in a block.
    fn count(&self, block: usize) -> usize {
        BLOCK.min(self.ratings - block * BLOCK)
    }

    /// Reads the bytes of some blocks.
    fn fetch(&self, blocks: Range<usize>, room: &mut Vec<u8>) -> Result<()> {
        let whole = bytes_of(BLOCK, self.timed);
        let last = bytes_of(self.count(blocks.end - 1), self.timed);
        room.resize((blocks.len() - 1) * whole + last, 0);
        self.disk.read_at(room, self.at + blocks.start as u64 * whole as u64)
    }

    /// Checks blocks, of which `first` is the first, and fills the columns.
    fn decode(&self, first: usize, bytes: &[u8], group: &mut Group) -> Result<()> {
        let blocks: Vec<&[u8]> = bytes.chunks(bytes_of(BLOCK, self.timed)).collect();
        let ratings: usize = (first..first + blocks.len()).map(|block| self.count(block)).sum();
        let Group { ratings: Ratings { users, items, values }, times } = group;
        users.resize(ratings, 0);
        items.resize(ratings, 0);
        values.resize(ratings, 0.0);
        times.resize(if self.timed { ratings } else { 0 }, 0);
        let columns =
            users.par_chunks_mut(BLOCK).zip(items.par_chunks_mut(BLOCK)).zip(values.par_chunks_mut(BLOCK));
        // Without times there are no parts of them.
        let times: Vec<&mut [i64]> =
            times.chunks_mut(BLOCK).chain((0..).map(|_| &mut [][..])).take(blocks.len()).collect();
        let faults = columns.zip(blocks).zip(times).enumerate().filter_map(
            |(n, ((((users, items), values), bytes), times))| {
                let number = first + n;
                let read =
                    read(number as u64, bytes, self.size, &mut Columns { users, items, values, times });
                read.err().map(|why| (number, why))
            },
        );
        match faults.min() {
            None => Ok(()),
            Some((number, why)) => {
                let (start, end) = (number * BLOCK, number * BLOCK + self.count(number));
                Err(self.disk.damaged(format!("the block of ratings {} to {end}: {why}", start + 1)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::block::write;

    /// A file with more than 2^32 ratings, of which only the last blocks are there: the rest is a hole.
    #[test]
    fn there_may_be_more_than_2_to_the_32_ratings() {
        let directory = tempfile::tempdir().unwrap();
        let file = Scratch::create(directory.path()).unwrap();
        let far = 1_usize << 32;
        let ratings = far + BLOCK + 100;
        let users: Vec<u32> = (0..BLOCK as u32).collect();
        let values: Vec<f32> = users.iter().map(|&user| (user % 5) as f32).collect();
        let number = (far / BLOCK) as u64;
        for (number, count) in [(number, BLOCK), (number + 1, 100)] {
            let mut bytes = Vec::new();
            let columns = (&users[..count], &values[..count]);
            write(
                number,
                Chunk { users: columns.0, items: columns.0, values: columns.1, times: &[] },
                false,
                &mut bytes,
            );
            file.write_at(&bytes, number * bytes_of(BLOCK, false) as u64).unwrap();
        }
        let size = Sides { users: BLOCK, items: BLOCK };
        let disk = Arc::new(Disk::Scratch(file));
        let found = OnDisk { disk, at: 0, ratings, timed: false, told: false, size };
        assert_eq!(found.bytes(), (number + 1) * bytes_of(BLOCK, false) as u64 + bytes_of(100, false) as u64);
        let mut next = far + 5;
        found
            .each(next..ratings, 0, &mut |first, chunk| {
                assert_eq!((first, chunk.users[0] as usize), (next, (next - far) % BLOCK));
                next += chunk.len();
                Ok(())
            })
            .unwrap();
        assert_eq!(next, ratings);
        let error = found.each(0..1, 0, &mut |_, _| Ok(())).unwrap_err().to_string();
        assert!(error.contains("ratings 1 to 65536"), "{error}");
    }
}
