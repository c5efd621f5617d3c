//! Everything training changes, off the device.

use super::row::sgd::RowState;
use crate::math::philox::{Purpose, key, philox, unit};
use crate::math::{Matrix, packed};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// One side's factors and what belongs to its rows, by training number.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SideState {
    /// One row of factors a user or item.
    pub factors: Matrix,
    /// Bias and gradient sums of each row.
    #[serde(with = "packed")]
    pub rows: Vec<RowState>,
}

/// Both sides.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    /// The users.
    pub users: SideState,
    /// The items.
    pub items: SideState,
}

impl State {
    /// Fresh factors, drawn evenly from `interval`, for the users and items whose training numbers are `user_place` and `item_place`.
    /// A row's numbers depend only on the seed, its side, and its number in the data set.
    pub fn start(
        user_place: &[u32],
        item_place: &[u32],
        factors: usize,
        interval: (f32, f32),
        seed: u64,
    ) -> Self {
        let side = |place, which| SideState::start(place, factors, interval, (seed, which));
        Self { users: side(user_place, 0), items: side(item_place, 1) }
    }

    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        [&self.users, &self.items].into_iter().all(|side| {
            side.factors.as_slice().par_iter().all(|number| number.is_finite())
                && side.rows.iter().all(|row| row.bias.is_finite())
        })
    }
}

impl SideState {
    fn start(place: &[u32], factors: usize, (low, high): (f32, f32), (seed, side): (u64, u32)) -> Self {
        let key = key(seed, Purpose::Init);
        let mut number_at = vec![0u32; place.len()];
        place.iter().enumerate().for_each(|(number, &place)| number_at[place as usize] = number as u32);
        let mut matrix = Matrix::zeros(place.len(), factors);
        matrix.as_mut_slice().par_chunks_mut(factors).zip(number_at).for_each(|(row, number)| {
            for (block, four) in row.chunks_mut(4).enumerate() {
                let words = philox([number, block as u32, side, 0], key);
                four.iter_mut().zip(words).for_each(|(value, word)| *value = low + (high - low) * unit(word));
            }
        });
        Self { factors: matrix, rows: vec![RowState::default(); place.len()] }
    }
}
