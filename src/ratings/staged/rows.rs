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
    /// Where each row's ratings start; one more than there are rows.
    pub starts: Vec<u32>,
    /// The ratings themselves.
    pub ratings: Cells,
}

impl Rows {
    /// Groups ratings by `side`, whose rows are those from `first` on; how many ratings each has, `counts` says. Inside a row
    /// they stand in a random order that depends only on `seed`, `side`, and the row. As many threads take part as `ways` says.
    /// What is per rating goes, as `cell` makes it, to two arrays with room for it, and is left out of the rows.
    ///
    /// # Panics
    /// If there are 2^32 ratings or more: a stage is cut long before that.
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

    /// How many rows have ratings.
    pub fn len(&self) -> usize {
        self.row.len()
    }

    /// Whether there are no ratings at all.
    pub fn is_empty(&self) -> bool {
        self.row.is_empty()
    }

    /// Where the ratings of the `n`-th row lie in [`ratings`](Self::ratings).
    pub fn span(&self, n: usize) -> std::ops::Range<usize> {
        self.starts[n] as usize..self.starts[n + 1] as usize
    }
}
