//! Ratings on disk for tests.

use mfgpu::ratings::{Chunk, Ratings, Sides};
use mfgpu::store::{Room, Spill, Stored};
use std::path::Path;

/// The same ratings in a file, with memory for pieces of about so many ratings.
pub(crate) fn stored(
    ratings: &Ratings,
    size: impl Into<Sides<usize>>,
    (directory, piece): (&Path, usize),
) -> Stored {
    let mut spill = Spill::create(directory, false).expect("a file");
    let Ratings { users, items, values } = ratings;
    spill.add(Chunk { users, items, values, times: &[] }).expect("it is written");
    let room = Room { directory: directory.to_owned(), bytes: 20 * piece };
    Stored::new(spill.finish(size.into()).expect("it is written"), room)
}
