//! Writes the rows of a model into a fresh state.

use super::centres::Centre;
use crate::math::Matrix;
use crate::train::choices::Start;
use crate::train::state::SideState;

/// One side of a model, and the positions of its rows in training.
pub(super) struct Rows<'a> {
    pub(super) known: &'a [Option<u32>],
    pub(super) position: &'a [u32],
    pub(super) factors: &'a Matrix,
    pub(super) bias: &'a [f32],
    /// The weight of each row; empty if all ratings count alike.
    pub(super) weight: &'a [f32],
    pub(super) stretch: f64,
    /// The number that is added to each bias.
    pub(super) rest: f64,
}

impl Rows<'_> {
    /// Writes the rows into a fresh state. Columns that the model does not have stay fresh. Rows that the
    /// model does not contain begin around the average row; if it contains none of the side, they begin as
    /// they do without a model.
    pub(super) fn over(
        &self,
        mut fresh: SideState,
        width: f32,
        (own, other): (&Centre, &Centre),
    ) -> SideState {
        let root = self.stretch.sqrt();
        let none = self.known.iter().all(Option::is_none);
        let shrink = if none { 1.0 } else { Start::Centred.interval(1).1 / width.max(f32::MIN_POSITIVE) };
        for (known, &position) in self.known.iter().zip(self.position) {
            let (row, state) = (fresh.factors.row_mut(position as usize), &mut fresh.rows[position as usize]);
            let mut bias = own.bias;
            if let Some(known) = *known {
                let factors = self.factors.row(known as usize);
                bias += f64::from(self.bias[known as usize]);
                for (column, &factor) in factors.iter().enumerate() {
                    row[column] = (root * (f64::from(factor) + own.mean[column])) as f32;
                    bias -= f64::from(factor) * other.mean[column];
                }
                if let Some(&weight) = self.weight.get(known as usize) {
                    state.set_weight(weight);
                }
            } else {
                for (value, mean) in row.iter_mut().zip(&own.mean) {
                    *value = shrink * *value + (root * mean) as f32;
                }
            }
            state.bias = (self.stretch * bias + self.rest) as f32;
        }
        fresh
    }
}
