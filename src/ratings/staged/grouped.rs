//! Groups ratings by the rows of one side: a counting sort in which every thread takes a range of the rows.

use super::deal::{ranges, starts};
use crate::ratings::{Ratings, Side};
use rayon::prelude::*;

/// The fewest ratings that are worth another thread.
const ENOUGH: usize = 1 << 18;

/// Ratings to be grouped.
pub(crate) trait Source: Sync {
    /// What a rating has beside its user and its item.
    type Value;

    /// Calls `take` with the user, item and value of each rating, in order.
    fn each(&self, take: impl FnMut(u32, u32, Self::Value));
}

impl Source for Ratings {
    type Value = f32;

    fn each(&self, mut take: impl FnMut(u32, u32, f32)) {
        self.iter().for_each(|(user, item, value)| take(user, item, value));
    }
}

/// The part of a side that is grouped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grouping<'a> {
    pub(crate) side: Side,
    /// The first row; ratings of rows outside `first..first + counts.len()` are skipped.
    pub(crate) first: u32,
    /// How many ratings each row has.
    pub(crate) counts: &'a [u32],
    /// The number of threads.
    pub(crate) ways: usize,
}

/// Groups ratings by row. `cell` encodes the row of the other side and the value; the results go to the two
/// arrays of `into`, which must have exactly enough room, row after row. `arrange` is called with each row's
/// number and orders its ratings.
pub(crate) fn group<S: Source, T: Copy + Send>(
    ratings: &S,
    Grouping { side, first, counts, ways }: Grouping<'_>,
    cell: impl Fn(u32, S::Value) -> (u32, T) + Sync,
    arrange: impl Fn(u32, &mut [(u32, T)]) + Sync,
    into: (&mut [u32], &mut [T]),
) {
    let total = into.0.len();
    let (mut parts, mut rest) = (Vec::new(), into);
    for (range, size) in ranges(counts, total.div_ceil(ways.max(1)).max(ENOUGH)) {
        let (others, values) = (rest.0.split_at_mut(size), rest.1.split_at_mut(size));
        parts.push((first + range.start as u32, &counts[range], others.0, values.0));
        rest = (others.1, values.1);
    }
    parts.into_par_iter().for_each(|(first, counts, others, values)| {
        let mut next = starts(counts);
        next.pop();
        ratings.each(|user, item, rating| {
            let (row, other) = if side == Side::User { (user, item) } else { (item, user) };
            if let Some(next) = next.get_mut(row.wrapping_sub(first) as usize) {
                (others[*next], values[*next]) = cell(other, rating);
                *next += 1;
            }
        });
        let mut cells: Vec<(u32, T)> = Vec::new();
        let mut rest = (others, values);
        for (row, &count) in (first..).zip(counts) {
            let (others, values) = (rest.0.split_at_mut(count as usize), rest.1.split_at_mut(count as usize));
            cells.clear();
            cells.extend(others.0.iter().copied().zip(values.0.iter().copied()));
            arrange(row, &mut cells);
            for ((other, value), cell) in others.0.iter_mut().zip(values.0).zip(&cells) {
                (*other, *value) = *cell;
            }
            rest = (others.1, values.1);
        }
    });
}
