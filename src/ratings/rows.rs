//! The ratings of one side, row by row.

use super::deal::ranges;
use super::{Ratings, Side};
use crate::math::philox::{Purpose, Stream};
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// With fewer ratings another thread is not worth while.
const ENOUGH: usize = 1 << 18;

/// Ratings to be grouped, in numbers of training.
pub(super) trait Source: Sync {
    /// Hands over user, item and value of each, in their order.
    fn each(&self, take: impl FnMut(u32, u32, f32));
}

impl Source for Ratings {
    fn each(&self, mut take: impl FnMut(u32, u32, f32)) {
        self.iter().for_each(|(user, item, value)| take(user, item, value));
    }
}

/// Ratings grouped by the rows of one side (compressed sparse rows, empty rows left out).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// The number of each row that has ratings, ascending.
    pub row: Vec<u32>,
    /// Where each row's ratings start; one more than there are rows.
    pub starts: Vec<u32>,
    /// Of each rating, the row of the other side.
    pub other: Vec<u32>,
    /// Of each rating, its value.
    pub value: Vec<f32>,
}

impl Rows {
    /// Groups ratings by `side`, whose rows are those from `first` on; how many ratings each has, `counts` says. Inside a row
    /// they stand in a random order that depends only on `seed`, `side`, and the row. As many threads take part as `ways` says.
    ///
    /// # Panics
    /// If there are 2^32 ratings or more: a stage is cut long before that.
    pub(super) fn group(
        ratings: &impl Source,
        side: Side,
        (first, counts): (u32, &[u32]),
        seed: u64,
        ways: usize,
    ) -> Self {
        let total = counts.iter().map(|&count| count as usize).sum::<usize>();
        assert!(u32::try_from(total).is_ok(), "a stage of 2^32 ratings");
        let mut rows = Self { other: vec![0; total], value: vec![0.0; total], ..Self::default() };
        let mut start = 0;
        for (row, &count) in (first..).zip(counts).filter(|(_, count)| **count > 0) {
            rows.row.push(row);
            rows.starts.push(start);
            start += count;
        }
        rows.starts.push(start);

        let (mut parts, mut rest) = (Vec::new(), (&mut rows.other[..], &mut rows.value[..]));
        for (range, size) in ranges(counts, total.div_ceil(ways.max(1)).max(ENOUGH)) {
            let (other, value) = (rest.0.split_at_mut(size), rest.1.split_at_mut(size));
            let part = Part {
                first: first + range.start as u32,
                counts: &counts[range],
                other: other.0,
                value: value.0,
            };
            parts.push(part);
            rest = (other.1, value.1);
        }
        parts.into_par_iter().for_each(|mut part| {
            part.fill(ratings, side);
            part.shuffle(side, seed);
        });
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

    /// Where the ratings of the `n`-th row lie in `other` and `value`.
    pub fn span(&self, n: usize) -> std::ops::Range<usize> {
        self.starts[n] as usize..self.starts[n + 1] as usize
    }
}

/// Neighbouring rows that one thread groups.
struct Part<'a> {
    first: u32,
    counts: &'a [u32],
    other: &'a mut [u32],
    value: &'a mut [f32],
}

impl Part<'_> {
    fn fill(&mut self, ratings: &impl Source, side: Side) {
        let mut start = 0;
        let mut next: Vec<u32> = Vec::with_capacity(self.counts.len());
        for count in self.counts {
            next.push(start);
            start += count;
        }
        ratings.each(|user, item, value| {
            let (row, other) = if side == Side::User { (user, item) } else { (item, user) };
            if let Some(next) = next.get_mut(row.wrapping_sub(self.first) as usize) {
                let at = *next as usize;
                (self.other[at], self.value[at]) = (other, value);
                *next += 1;
            }
        });
    }

    fn shuffle(&mut self, side: Side, seed: u64) {
        let mut cells: Vec<(u32, f32)> = Vec::new();
        let mut start = 0;
        for (row, &count) in (self.first..).zip(self.counts) {
            let span = start..start + count as usize;
            start = span.end;
            let (others, values) = (&mut self.other[span.clone()], &mut self.value[span]);
            cells.clear();
            cells.extend(others.iter().copied().zip(values.iter().copied()));
            let index = u64::from(row) << 1 | u64::from(side == Side::Item);
            cells.shuffle(&mut Stream::new(seed, Purpose::Order, index));
            for ((other, value), cell) in others.iter_mut().zip(values).zip(&cells) {
                (*other, *value) = *cell;
            }
        }
    }
}
