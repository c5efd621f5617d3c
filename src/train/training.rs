//! What a training run takes.

use super::deliver::WarmStart;
use crate::ratings::{Ratings, Sides};

/// Validation ratings: those that decide when to stop.
#[derive(Debug, Clone, Copy)]
pub enum HeldOut<'a> {
    /// A random slice, as large as the settings say.
    Random,
    /// Those that are marked, a mark a rating.
    Marked(&'a [bool]),
    /// Others, in the same numbers, which no model is trained on.
    Apart(&'a Ratings),
}

/// What a run trains on.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The ratings, of which there is at least one, finite.
    pub ratings: &'a Ratings,
    /// The validation ratings.
    pub held_out: HeldOut<'a>,
    /// Those to measure by after each epoch, in the same numbers; nothing is decided by them.
    pub test: Option<&'a Ratings>,
    /// A model to begin from, in the same numbers.
    pub warm: Option<&'a WarmStart>,
    /// How many users and how many items there are.
    pub size: Sides<usize>,
}

impl<'a> Training<'a> {
    /// Ratings of so many users and items, of which a random slice is held out.
    pub fn new(ratings: &'a Ratings, size: impl Into<Sides<usize>>) -> Self {
        Self { ratings, held_out: HeldOut::Random, test: None, warm: None, size: size.into() }
    }
}
