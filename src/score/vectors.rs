//! Vectors whose inner product orders items as scores do, for programs that search by inner product.

use super::form::{constant, item_row, parts, user_row, width};
use crate::model::Factors;

/// The vectors of some draws (posterior samples). A user's vector is `[scale / draws, scale / draws * p]` for
/// each draw, one after another, and an item's is `[b, q]`. Where no item has a bias, as in a model of lists,
/// both are without the first number of each draw. The inner product of two vectors, plus the
/// [`constant`](Self::constant) of the user, is the [`score`](super::score) of the pair, to rounding. So an
/// index of maximum inner products lists what [`TopItems`](super::TopItems) lists.
pub struct SearchVectors<'a> {
    draws: &'a [Factors],
    with_bias: bool,
}

impl<'a> SearchVectors<'a> {
    /// The vectors of these draws.
    pub fn new(draws: &'a (impl AsRef<[Factors]> + ?Sized)) -> Self {
        let draws = draws.as_ref();
        let has_bias = |draw: &Factors| draw.item_bias.iter().any(|bias| *bias != 0.0);
        // A vector has one number at least.
        let with_bias = width(draws) == draws.len() || draws.iter().any(has_bias);
        Self { draws, with_bias }
    }

    /// The numbers in a vector.
    pub fn width(&self) -> usize {
        width(self.draws) - if self.with_bias { 0 } else { self.draws.len() }
    }

    /// The vector of a user. A user without a row (`None`) has that of the average user.
    ///
    /// # Panics
    /// If the user is not a row of the draws.
    pub fn user(&self, user: Option<u32>) -> Vec<f32> {
        self.vector(|row| user_row(self.draws, user, row))
    }

    /// The vector of an item.
    ///
    /// # Panics
    /// If the item is not a row of the draws.
    pub fn item(&self, item: u32) -> Vec<f32> {
        self.vector(|row| item_row(self.draws, item, row))
    }

    /// What is added to all products of a user: the mean and the user's bias, in rating units. It does not
    /// change the order of the user's items.
    ///
    /// # Panics
    /// If the user is not a row of the draws.
    pub fn constant(&self, user: Option<u32>) -> f32 {
        constant(self.draws, user)
    }

    fn vector(&self, fill: impl FnOnce(&mut [f32])) -> Vec<f32> {
        let mut row = vec![0.0; width(self.draws)];
        fill(&mut row);
        if self.with_bias {
            return row;
        }
        parts(self.draws).flat_map(|(_, part)| &row[part.start + 1..part.end]).copied().collect()
    }
}
