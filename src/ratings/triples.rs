//! Ratings as triples: in memory, 12 bytes each, or on disk, from which they are read chunk by chunk.

use super::Side;
use crate::Result;
use std::fmt;

/// No rating is larger, nor smaller than its negative: sums, products and squares of ratings then stay numbers.
const LARGEST: f32 = 1e30;

/// Whether a number can be a rating: finite, and not beyond 1e30.
pub fn is_rating(number: f32) -> bool {
    number.abs() <= LARGEST
}

/// Ratings in file order: `values[n]` is the rating that `users[n]` gave `items[n]`. The three have one
/// length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ratings {
    /// The user of each rating, as a number of the user id map.
    pub users: Vec<u32>,
    /// The item of each rating, as a number of the item id map.
    pub items: Vec<u32>,
    /// The values, finite, in the data's own units.
    pub values: Vec<f32>,
}

impl Ratings {
    /// No ratings, with capacity for `capacity`.
    pub fn with_capacity(capacity: usize) -> Self {
        let [users, items] = [(); 2].map(|()| Vec::with_capacity(capacity));
        Self { users, items, values: Vec::with_capacity(capacity) }
    }

    /// The number of ratings.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Removes all ratings, and keeps their memory.
    pub fn clear(&mut self) {
        self.users.clear();
        self.items.clear();
        self.values.clear();
    }

    /// Adds one rating.
    pub fn push(&mut self, user: u32, item: u32, value: f32) {
        self.users.push(user);
        self.items.push(item);
        self.values.push(value);
    }

    /// The user, or the item, of each rating.
    pub fn rows(&self, side: Side) -> &[u32] {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }

    /// The user, or the item, of each rating, mutable.
    pub fn rows_mut(&mut self, side: Side) -> &mut Vec<u32> {
        match side {
            Side::User => &mut self.users,
            Side::Item => &mut self.items,
        }
    }

    /// Every rating as `(user, item, value)`.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, f32)> + '_ {
        (0..self.len()).map(|n| (self.users[n], self.items[n], self.values[n]))
    }
}

/// Ratings, some of which are left out.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    pub(super) ratings: &'a Ratings,
    /// One mark per rating, or no marks at all.
    pub(super) left_out: &'a [bool],
}

impl<'a> Kept<'a> {
    /// The ratings that are not marked; all of them if there are no marks.
    ///
    /// # Panics
    /// If there are marks, but not one per rating.
    pub fn without(ratings: &'a Ratings, left_out: &'a [bool]) -> Self {
        assert!(left_out.is_empty() || left_out.len() == ratings.len(), "a mark a rating");
        Self { ratings, left_out }
    }

    /// Whether the rating at a position is kept.
    pub(super) fn has(&self, place: usize) -> bool {
        self.left_out.get(place).is_none_or(|left_out| !left_out)
    }
}

impl<'a> From<&'a Ratings> for Kept<'a> {
    fn from(ratings: &'a Ratings) -> Self {
        Self { ratings, left_out: &[] }
    }
}

/// All chunks but the last have a multiple of this many ratings, so that sums over parts of this size do not depend
/// on where the ratings are.
pub const CHUNK: usize = 1 << 16;

/// Some of the ratings, in file order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chunk<'a> {
    /// The user of each.
    pub users: &'a [u32],
    /// The item of each.
    pub items: &'a [u32],
    /// The values.
    pub values: &'a [f32],
    /// When each was given, in milliseconds since 1970; empty if that is not known here.
    pub times: &'a [i64],
}

impl Chunk<'_> {
    /// The number of ratings.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Every rating as `(user, item, value)`.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, f32)> + '_ {
        let pairs = self.users.iter().zip(self.items).zip(self.values);
        pairs.map(|((&user, &item), &value)| (user, item, value))
    }
}

/// Takes a chunk, and the position of its first rating.
pub type Take<'a> = dyn FnMut(usize, Chunk<'_>) -> Result<()> + 'a;

/// Ratings in file order, which are read as often as one likes.
pub trait Triples: fmt::Debug + Send + Sync {
    /// The number of ratings.
    fn len(&self) -> usize;

    /// Whether there are no ratings.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether chunks have times.
    fn is_timed(&self) -> bool {
        false
    }

    /// The ratings, if they are in memory.
    fn held(&self) -> Option<&Ratings>;

    /// The bytes of memory that work with ratings on disk takes, about; 0 if they are in memory.
    fn room(&self) -> usize {
        0
    }

    /// Calls `take` with all ratings, chunk after chunk. The first error ends it.
    ///
    /// # Errors
    /// Those of reading, and of `take`.
    fn each(&self, take: &mut Take) -> Result<()>;
}

impl Triples for Ratings {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn held(&self) -> Option<&Ratings> {
        Some(self)
    }

    fn each(&self, take: &mut Take) -> Result<()> {
        take(0, self.chunk())
    }
}

impl Ratings {
    /// All of them as one chunk, without times.
    pub fn chunk(&self) -> Chunk<'_> {
        Chunk { users: &self.users, items: &self.items, values: &self.values, times: &[] }
    }
}
