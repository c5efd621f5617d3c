//! The input of a training run.

use super::deliver::WarmStart;
use crate::comm::Comm;
use crate::eval::Relevance;
use crate::ratings::{Feedback, Ratings, Sides, Trainable};
use std::sync::Arc;

/// The validation ratings, which decide when to stop.
#[derive(Debug, Clone, Copy)]
pub enum HeldOut<'a> {
    /// A random slice, of the fraction that the settings ask for.
    Random,
    /// The marked ratings; there is one mark for each rating.
    Marked(&'a [bool]),
    /// Separate ratings, with the same numbering. No model is trained on them.
    Apart(&'a Ratings),
}

/// The input of a training run.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The ratings to train on: at least one, all finite.
    pub ratings: &'a dyn Trainable,
    /// What their values are.
    pub feedback: Feedback,
    /// The validation ratings.
    pub held_out: HeldOut<'a>,
    /// Test ratings, with the same numbering, that are measured after each epoch. Nothing is decided by them.
    pub test: Option<&'a Ratings>,
    /// Which ratings are of items that a list should hold, where lists are measured.
    pub relevance: Relevance,
    /// A model to begin from, with the same numbering.
    pub warm: Option<&'a WarmStart>,
    /// The number of users and of items.
    pub size: Sides<usize>,
    /// The connection to the other ranks, if several train together. All have the same ratings and settings.
    pub comm: Option<&'a Arc<dyn Comm>>,
}

impl<'a> Training<'a> {
    /// Ratings of `size` users and items, of which a random slice is held out.
    pub fn new(ratings: &'a dyn Trainable, size: impl Into<Sides<usize>>) -> Self {
        Self {
            ratings,
            feedback: Feedback::Ratings,
            relevance: Relevance::default(),
            held_out: HeldOut::Random,
            test: None,
            warm: None,
            size: size.into(),
            comm: None,
        }
    }
}
