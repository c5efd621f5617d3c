//! The ratings of one side, row by row.

use super::Cells;
use super::grouped::{Grouping, Source, group};
use crate::math::philox::{Purpose, Stream};
use crate::ratings::Side;
use rand::seq::SliceRandom;
use std::sync::Arc;

/// Ratings grouped by the rows of one side (compressed sparse rows, empty rows left out).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// The number of each row that has ratings, ascending.
    pub row: Arc<[u32]>,
    /// Where each row's ratings start; one more entry than there are rows.
    pub starts: Arc<[u32]>,
    /// The ratings; none where they are elsewhere.
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
    pub(super) fn group<S: Source, T: Copy + Send>(
        ratings: &S,
        side: Side,
        (first, counts): (u32, &[u32]),
        (seed, ways): (u64, usize),
        cell: impl Fn(u32, S::Value) -> (u32, T) + Sync,
        into: (&mut [u32], &mut [T]),
    ) -> Self {
        assert!(u32::try_from(into.0.len()).is_ok(), "a stage of 2^32 ratings");
        let rows = Self::index(first, counts);
        let shuffle = |row, cells: &mut [(u32, T)]| {
            let index = u64::from(row) << 1 | side.index() as u64;
            cells.shuffle(&mut Stream::new(seed, Purpose::Order, index));
        };
        group(ratings, Grouping { side, first, counts, ways }, cell, shuffle, into);
        rows
    }

    /// Rows with these numbers of ratings, from row `first` on, without the ratings themselves.
    pub(super) fn index(first: u32, counts: &[u32]) -> Self {
        let (mut row, mut starts, mut start) = (Vec::new(), Vec::new(), 0);
        for (number, &count) in (first..).zip(counts).filter(|(_, count)| **count > 0) {
            row.push(number);
            starts.push(start);
            start += count;
        }
        starts.push(start);
        Self { row: row.into(), starts: starts.into(), ratings: Cells::default() }
    }

    /// The same rows with these ratings.
    pub(super) fn with(&self, ratings: Cells) -> Self {
        Self { row: Arc::clone(&self.row), starts: Arc::clone(&self.starts), ratings }
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
        let row: Vec<u32> = kept().map(|n| self.row[n]).collect();
        Self { row: row.into(), starts: starts.into(), ratings }
    }

    /// The number of rows that have ratings.
    pub fn len(&self) -> usize {
        self.row.len()
    }

    /// The number of ratings, wherever they are.
    pub fn count(&self) -> usize {
        self.starts.last().map_or(0, |&end| end as usize)
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
