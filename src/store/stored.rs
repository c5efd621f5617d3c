//! Ratings on disk, as training takes them.

use super::on_disk::OnDisk;
use super::spill::Spill;
use crate::Result;
use crate::files::Scratch;
use crate::ratings::{
    Chunk, LeftOut, Place, Ratings, Staged, Staging, Take, Trainable, Triples, stage_on_disk,
};
use std::path::PathBuf;
use std::sync::Arc;

/// What work with ratings on disk may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Files without a name are made on the disk of this directory.
    pub directory: PathBuf,
    /// About so many bytes of memory.
    pub bytes: usize,
}

/// Ratings on disk, and the room for work with them.
#[derive(Debug, Clone)]
pub struct Stored {
    body: OnDisk,
    room: Room,
}

impl Place for Scratch {
    fn write_at(&self, bytes: &[u8], at: u64) -> Result<()> {
        self.write_at(bytes, at)
    }

    fn read_at(&self, bytes: &mut [u8], at: u64) -> Result<()> {
        self.read_at(bytes, at)
    }
}

impl Stored {
    /// The ratings of a file.
    pub fn new(body: OnDisk, room: Room) -> Self {
        Self { body, room }
    }
}

impl Triples for Stored {
    fn len(&self) -> usize {
        self.body.len()
    }

    fn is_timed(&self) -> bool {
        self.body.is_timed()
    }

    fn held(&self) -> Option<&Ratings> {
        None
    }

    fn room(&self) -> usize {
        self.room.bytes
    }

    fn each(&self, take: &mut Take) -> Result<()> {
        self.body.each(0..self.body.len(), self.room.bytes, take)
    }
}

impl Trainable for Stored {
    fn staged(&self, left_out: LeftOut, how: &Staging) -> Result<Staged> {
        let place = Arc::new(Scratch::create(&self.room.directory)?);
        stage_on_disk(self, left_out, how, (place, self.room.bytes))
    }

    fn parted(&self, marks: &[bool]) -> Result<(Arc<dyn Trainable>, Ratings)> {
        let mut rest = Spill::create(&self.room.directory, self.body.is_timed())?;
        let (mut kept, mut times, mut taken) = (Ratings::default(), Vec::new(), Ratings::default());
        self.each(&mut |first, chunk| {
            kept.clear();
            times.clear();
            for (n, (user, item, value)) in chunk.iter().enumerate() {
                if marks[first + n] {
                    taken.push(user, item, value);
                } else {
                    kept.push(user, item, value);
                    times.extend(chunk.times.get(n));
                }
            }
            rest.add(Chunk { times: &times, ..kept.chunk() })
        })?;
        let body = rest.finish(self.body.size)?;
        Ok((Arc::new(Self { body, room: self.room.clone() }), taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::{Sides, latest, latest_of, part};

    /// Ratings of some blocks, with times, and the same on disk.
    fn some(bytes: usize) -> (Ratings, Vec<i64>, Stored, tempfile::TempDir) {
        let (mut ratings, mut times) = (Ratings::default(), Vec::new());
        for n in 0..200_000_u32 {
            ratings.push(n.wrapping_mul(2_654_435_761) % 977, n % 313, (n % 7) as f32);
            times.push(i64::from(n * 31 % 5000));
        }
        let directory = tempfile::tempdir().unwrap();
        let mut spill = Spill::create(directory.path(), true).unwrap();
        let Ratings { users, items, values } = &ratings;
        for start in (0..ratings.len()).step_by(30_001) {
            let part = start..ratings.len().min(start + 30_001);
            let chunk = Chunk {
                users: &users[part.clone()],
                items: &items[part.clone()],
                values: &values[part.clone()],
                times: &times[part],
            };
            spill.add(chunk).unwrap();
        }
        assert_eq!(spill.len(), ratings.len());
        let body = spill.finish(Sides { users: 977, items: 313 }).unwrap();
        let room = Room { directory: directory.path().to_owned(), bytes };
        (ratings, times, Stored::new(body, room), directory)
    }

    #[test]
    fn ratings_come_back_in_their_order_also_in_parts() {
        for bytes in [0, 8 << 20, 1 << 30] {
            let (ratings, times, stored, _directory) = some(bytes);
            assert_eq!(stored.body.load().unwrap(), (ratings.clone(), times));
            for places in [0..0, 0..1, 65_000..66_000, 65_536..131_072, 199_999..200_000, 3..199_000] {
                let mut found = Ratings::default();
                let mut next = places.start;
                let take = &mut |first: usize, chunk: Chunk<'_>| {
                    assert_eq!(first, next);
                    next += chunk.len();
                    chunk.iter().for_each(|(user, item, value)| found.push(user, item, value));
                    Ok(())
                };
                stored.body.each(places.clone(), bytes, take).unwrap();
                assert_eq!(found.items, ratings.items[places.clone()], "{places:?}");
                assert_eq!(found.users, ratings.users[places]);
            }
        }
    }

    #[test]
    fn an_error_ends_the_reading() {
        let (_, _, stored, _directory) = some(0);
        let mut calls = 0;
        let ended = stored.each(&mut |_, _| {
            calls += 1;
            Err(crate::Error::Bug("enough".into()))
        });
        assert!(ended.is_err() && calls == 1);
    }

    #[test]
    fn parts_and_the_latest_are_those_of_memory() {
        let (ratings, times, stored, _directory) = some(8 << 20);
        let marks = latest(&ratings, &times, 977, 5);
        assert_eq!(latest_of(&stored, 977, 5).unwrap(), marks);
        let (kept, taken) = stored.parted(&marks).unwrap();
        let expected = part(&ratings, &marks);
        assert_eq!(taken, expected.1);
        let mut found = Ratings::default();
        kept.each(&mut |_, chunk| {
            chunk.iter().for_each(|(user, item, value)| found.push(user, item, value));
            Ok(())
        })
        .unwrap();
        assert_eq!(found, expected.0);
    }
}
