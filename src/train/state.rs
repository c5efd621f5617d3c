//! Everything that training changes, in host memory.

use super::row::RowState;
use crate::math::philox::{Purpose, key, philox, unit};
use crate::math::{Matrix, packed};
use crate::ratings::{Side, Sides};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// One side's factors and the states of its rows, in training positions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SideState {
    /// A row of factors for each user or item.
    pub factors: Matrix,
    /// The bias and the memory of each row.
    #[serde(with = "packed")]
    pub rows: Vec<RowState>,
}

/// Both sides.
pub type State = Sides<SideState>;

impl State {
    /// Fresh factors, uniform in `interval`. `position` has the training position of each row of the data
    /// set. A row's numbers depend only on the seed, its side, and its number in the data set.
    pub fn start(position: &Sides<Vec<u32>>, factors: usize, interval: (f32, f32), seed: u64) -> Self {
        Self::from_fn(|side| SideState::start(&position[side], factors, interval, (seed, side)))
    }

    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        self.iter().all(|side| {
            side.factors.as_slice().par_iter().all(|number| number.is_finite())
                && side.rows.iter().all(|row| row.bias.is_finite())
        })
    }
}

impl SideState {
    fn start(position: &[u32], factors: usize, (low, high): (f32, f32), (seed, side): (u64, Side)) -> Self {
        let key = key(seed, Purpose::Init);
        let mut matrix = Matrix::zeros(position.len(), factors);
        let rows = matrix.as_mut_slice().par_chunks_mut(factors).zip(inverse(position));
        rows.for_each(|(row, number)| {
            for (block, four) in row.chunks_mut(4).enumerate() {
                let words = philox([number, block as u32, side.index() as u32, 0], key);
                four.iter_mut().zip(words).for_each(|(value, word)| *value = low + (high - low) * unit(word));
            }
        });
        Self { factors: matrix, rows: vec![RowState::default(); position.len()] }
    }

    /// Some of the rows, of which the first is `first`.
    pub(super) fn picked(&self, rows: &[u32], first: usize) -> Self {
        let mut picked = Self::zeros(rows.len(), self.factors.columns());
        for (place, &row) in rows.iter().enumerate() {
            let row = row as usize - first;
            picked.factors.row_mut(place).copy_from_slice(self.factors.row(row));
            picked.rows[place] = self.rows[row];
        }
        picked
    }

    /// Replaces some of the rows, of which the first is `first`.
    pub(super) fn put(&mut self, rows: &[u32], first: usize, new: &Self) {
        for (place, &row) in rows.iter().enumerate() {
            let row = row as usize - first;
            self.factors.row_mut(row).copy_from_slice(new.factors.row(place));
            self.rows[row] = new.rows[place];
        }
    }

    /// Rows of zeros.
    pub(in crate::train) fn zeros(rows: usize, factors: usize) -> Self {
        Self { factors: Matrix::zeros(rows, factors), rows: vec![RowState::default(); rows] }
    }
}

/// The number in the data set of the row at each training position.
pub(super) fn inverse(position: &[u32]) -> Vec<u32> {
    let mut numbers = vec![0; position.len()];
    (0..).zip(position).for_each(|(number, &position)| numbers[position as usize] = number);
    numbers
}
