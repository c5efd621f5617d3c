//! The ratings of one side, row by row.

use super::{Ratings, Side};
use crate::math::philox::{Purpose, Stream};
use rand::seq::SliceRandom;
use rayon::prelude::*;

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
    /// Groups `ratings` by `side`, whose rows are numbered below `count`. Inside a row they stand in a random
    /// order that depends only on `seed`, `side`, and the row.
    ///
    /// # Panics
    /// If there are 2^32 ratings or more: a stage is cut long before that.
    pub fn group(ratings: &Ratings, side: Side, count: usize, seed: u64) -> Self {
        assert!(u32::try_from(ratings.len()).is_ok(), "a stage of 2^32 ratings");
        let (mine, others) = match side {
            Side::User => (&ratings.users, &ratings.items),
            Side::Item => (&ratings.items, &ratings.users),
        };
        let mut next = vec![0u32; count + 1];
        mine.iter().for_each(|&row| next[row as usize + 1] += 1);
        let row: Vec<u32> = (0..count as u32).filter(|&row| next[row as usize + 1] > 0).collect();
        (0..count).for_each(|row| next[row + 1] += next[row]);
        let starts = row.iter().map(|&row| next[row as usize]).chain([ratings.len() as u32]).collect();
        let mut cells = vec![(0u32, 0f32); ratings.len()];
        for ((&row, &other), &value) in mine.iter().zip(others).zip(&ratings.values) {
            cells[next[row as usize] as usize] = (other, value);
            next[row as usize] += 1;
        }
        let mut rows = Self { row, starts, other: Vec::new(), value: Vec::new() };
        rows.shuffle(&mut cells, side, seed);
        (rows.other, rows.value) = cells.into_iter().unzip();
        rows
    }

    fn shuffle(&self, cells: &mut [(u32, f32)], side: Side, seed: u64) {
        let mut rest = cells;
        let mut pieces = Vec::with_capacity(self.len());
        for n in 0..self.len() {
            let (piece, tail) = rest.split_at_mut(self.span(n).len());
            pieces.push((self.row[n], piece));
            rest = tail;
        }
        pieces.into_par_iter().for_each(|(row, piece)| {
            let index = u64::from(row) << 1 | u64::from(side == Side::Item);
            piece.shuffle(&mut Stream::new(seed, Purpose::Order, index));
        });
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
