//! The factors of one side in memory, and their division into bundles for threads.

use crate::math::{Lines, Matrix};
use crate::ratings::Rows;
use crate::train::row::RowState;
use crate::train::row::normal::FixedSide;
use crate::train::row::sgd::PAD;
use crate::train::state::SideState;
use std::ops::Range;

/// The rows of one side, padded with zeros to whole vectors.
pub(super) struct Padded {
    pub(super) factors: Lines,
    pub(super) rows: Vec<RowState>,
    pub(super) stride: usize,
    /// The number of factors.
    pub(super) columns: usize,
    /// Implicit feature vectors, if they were computed or set.
    pub(super) implicit: Lines,
}

/// Consecutive rows of a sweep, with exclusive access to their part of the side's memory.
pub(super) struct Bundle<'a> {
    /// The range of entries of [`Rows`].
    pub(super) entries: std::ops::Range<usize>,
    /// The first row in `factors` and `states`.
    pub(super) first: usize,
    pub(super) factors: &'a mut [f32],
    pub(super) states: &'a mut [RowState],
}

/// The rows of a matrix, each padded with zeros to `stride` numbers.
pub(super) fn pad(matrix: &Matrix, stride: usize) -> Lines {
    let mut padded = Lines::zeros(matrix.rows() * stride);
    matrix.write_padded(&mut padded, stride);
    padded
}

impl Padded {
    pub(super) fn new(side: &SideState) -> Self {
        let stride = side.factors.columns().next_multiple_of(PAD);
        Self {
            factors: pad(&side.factors, stride),
            rows: side.rows.clone(),
            stride,
            columns: side.factors.columns(),
            implicit: Lines::default(),
        }
    }

    pub(super) fn unpadded(&self, factors: usize, rows: Range<usize>) -> SideState {
        let padded = &self.factors[rows.start * self.stride..rows.end * self.stride];
        SideState {
            factors: Matrix::from_padded(padded, factors, self.stride),
            rows: self.rows[rows].to_vec(),
        }
    }

    /// Replaces the rows beginning with `first`.
    pub(super) fn write(&mut self, first: usize, side: &SideState) {
        let rows = first..first + side.rows.len();
        self.rows[rows.clone()].copy_from_slice(&side.rows);
        let padded = &mut self.factors[rows.start * self.stride..rows.end * self.stride];
        side.factors.write_padded(padded, self.stride);
    }

    /// Some of the rows.
    pub(super) fn picked(&self, factors: usize, rows: &[u32]) -> SideState {
        let mut picked = SideState::zeros(rows.len(), factors);
        for (place, &row) in rows.iter().enumerate() {
            picked.factors.row_mut(place).copy_from_slice(&self.row(row)[..factors]);
            picked.rows[place] = self.rows[row as usize];
        }
        picked
    }

    /// Replaces some of the rows.
    pub(super) fn put(&mut self, rows: &[u32], new: &SideState) {
        for (place, &row) in rows.iter().enumerate() {
            let padded = &mut self.factors[row as usize * self.stride..][..self.stride];
            padded[..new.factors.columns()].copy_from_slice(new.factors.row(place));
            self.rows[row as usize] = new.rows[place];
        }
    }

    pub(super) fn row(&self, row: u32) -> &[f32] {
        &self.factors[row as usize * self.stride..][..self.stride]
    }

    /// This side as the fixed side of a sweep.
    pub(super) fn fixed(&self, factors: usize, implicit: bool) -> FixedSide<'_> {
        let implicit = if implicit { &self.implicit[..] } else { &[] };
        FixedSide { factors, rows: &self.factors, states: &self.rows, implicit }
    }

    /// Cuts the rows of a sweep into bundles of about `size` ratings.
    pub(super) fn bundles(&mut self, rows: &Rows, size: usize) -> Vec<Bundle<'_>> {
        let mut bundles = Vec::new();
        let (mut factors, mut states) = (&mut self.factors[..], self.rows.as_mut_slice());
        let (mut entry, mut taken) = (0, 0);
        while entry < rows.len() {
            let work = rows.starts[entry] as usize + size;
            let end =
                rows.starts.partition_point(|&start| (start as usize) < work).clamp(entry + 1, rows.len());
            let first = rows.row[entry] as usize;
            let count = rows.row[end - 1] as usize + 1 - first;
            let (mine, rest) = factors.split_at_mut((first - taken + count) * self.stride);
            let (my_states, rest_states) = states.split_at_mut(first - taken + count);
            bundles.push(Bundle {
                entries: entry..end,
                first,
                factors: &mut mine[(first - taken) * self.stride..],
                states: &mut my_states[first - taken..],
            });
            (factors, states, taken, entry) = (rest, rest_states, first + count, end);
        }
        bundles
    }
}
