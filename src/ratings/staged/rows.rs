//! The ratings of one side, row by row.

use super::Cells;
use super::grouped::{Grouping, Source, group};
use crate::math::philox::{Purpose, Stream};
use crate::ratings::Side;
use rand::seq::SliceRandom;

/// Ratings grouped by the rows of one side (compressed sparse rows, empty rows left out).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// The number of each row that has ratings, ascending.
    pub row: Vec<u32>,
    /// Where each row's ratings start; one more entry than there are rows.
    pub starts: Vec<u32>,
    /// The ratings.
    pub ratings: Cells,
}

impl Rows {
    /// Groups ratings by rows `first..first + counts.len()` of `side`; row `first + n` has `counts[n]`
    /// ratings. Within a row they are in a random order that depends only on `seed`, `side` and the row.
    /// `ways` is the number of threads. `cell` encodes a rating; the encoded ratings go to `into`, which must
    /// have exactly enough room, and the returned rows have no ratings yet.
    ///
    /// # Panics
    /// If there are 2^32 ratings or more: a stage is cut long before.
    pub(super) fn group<T: Copy + Send>(
        ratings: &impl Source,
        side: Side,
        (first, counts): (u32, &[u32]),
        (seed, ways): (u64, usize),
        cell: impl Fn(u32, f32) -> (u32, T) + Sync,
        into: (&mut [u32], &mut [T]),
    ) -> Self {
        assert!(u32::try_from(into.0.len()).is_ok(), "a stage of 2^32 ratings");
        let mut rows = Self::default();
        let mut start = 0;
        for (row, &count) in (first..).zip(counts).filter(|(_, count)| **count > 0) {
            rows.row.push(row);
            rows.starts.push(start);
            start += count;
        }
        rows.starts.push(start);
        let shuffle = |row, cells: &mut [(u32, T)]| {
            let index = u64::from(row) << 1 | side.index() as u64;
            cells.shuffle(&mut Stream::new(seed, Purpose::Order, index));
        };
        group(ratings, Grouping { side, first, counts, ways }, cell, shuffle, into);
        rows
    }

    /// The rows that are `own`, with their ratings.
    pub(super) fn only(&self, own: impl Fn(u32) -> bool) -> Self {
        let kept = || (0..self.len()).filter(|&n| own(self.row[n]));
        let mut starts = vec![0];
        let mut end = 0;
        starts.extend(kept().map(|n| {
            end += self.starts[n + 1] - self.starts[n];
            end
        }));
        let ratings = self.ratings.parts(kept().map(|n| self.span(n)));
        Self { row: kept().map(|n| self.row[n]).collect(), starts, ratings }
    }

    /// The number of rows that have ratings.
    pub fn len(&self) -> usize {
        self.row.len()
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.row.is_empty()
    }

    /// The range of the `n`-th row's ratings in [`ratings`](Self::ratings).
    pub fn span(&self, n: usize) -> std::ops::Range<usize> {
        self.starts[n] as usize..self.starts[n + 1] as usize
    }
}
