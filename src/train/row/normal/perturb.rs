//! The noise of a short row's draw, for an equation with an unknown for each factor. So the row is drawn by
//! the same noise in either form.

use super::axes::Axes;
use super::numbers::{Noise, Numbers, Quadratic};
use crate::math::Lines;
use crate::ratings::CellSlice;
use crate::train::row::RowState;
use crate::train::row::sgd::PAD;

/// What the noise adds to the equations of a row.
#[derive(Debug, Clone, Default)]
pub struct Perturbation {
    /// To the right-hand side.
    pub pull: Vec<f32>,
    /// To the value of each rating.
    pub shifts: Vec<f32>,
}

impl Perturbation {
    /// The noise of a row with these ratings of rows with these states, whose own precision is `weight`: a
    /// draw of the prior, times the prior, and a draw of the noise of each rating.
    pub fn of(
        (axes, numbers, noise): (&Axes, &Numbers, Noise),
        (number, weight): (u32, f32),
        (ratings, states): (CellSlice, &[RowState]),
        factors: usize,
    ) -> Self {
        let scale = numbers.prior_scale(ratings.len() as u32);
        let root = |prior: f32, shared: f32, n: usize| {
            let sum = scale * prior + shared;
            if sum > 0.0 { noise.number(number, n) / sum.sqrt() } else { 0.0 }
        };
        let stride = factors.next_multiple_of(PAD);
        let mut turned = Lines::zeros(stride);
        for (n, to) in turned[..factors].iter_mut().enumerate() {
            *to = root(axes.prior.body[n], axes.shared.body[n], n);
        }
        let end = [root(axes.prior.end, axes.shared.end, factors)];
        let (mut row, mut bias) = (turned.clone(), end);
        axes.turn_back((&turned, &end), stride, (&mut row, &mut bias));
        let draw = || row[..factors].iter().chain(&bias);
        let times = |part: &Quadratic, n: usize| -> f32 {
            part.matrix.row(n).iter().zip(draw()).map(|(entry, x)| entry * x).sum()
        };
        let pull =
            (0..=factors).map(|n| scale * times(&numbers.prior, n) + times(&numbers.shared, n)).collect();
        let shift = |n: usize| {
            let (other, value) = ratings.get(n);
            let counts = numbers.target.weight(value) * states[other as usize].weight();
            let precision = numbers.precision * weight * counts;
            let number = noise.number(number, factors + 1 + n);
            if precision > 0.0 { number / precision.sqrt() } else { 0.0 }
        };
        Self { pull, shifts: (0..ratings.len()).map(shift).collect() }
    }
}
