//! The questions that an algorithm answers once and for all. Each answers them in its own file, in one constant; what it
//! does in an epoch is its method (`algorithm/method.rs`).

use crate::ratings::{Ratings, Scale};
use crate::train::candidate::Candidate;
use crate::train::choices::Start;
use crate::train::criterion::Criterion;
use crate::train::problem::Problem;
use crate::train::settings::Settings;

/// What defines an algorithm, but for its epoch.
pub(in crate::train) struct Definition {
    /// What it is and what it is for, in a few words.
    pub(in crate::train) purpose: &'static str,
    /// How many numbers describe a user, and an item, unless something else is asked for.
    pub(in crate::train) factors: usize,
    /// How many factors there may be.
    pub(in crate::train) most_factors: usize,
    /// How many epochs there are at most; of a chain, how many draws count.
    pub(in crate::train) epochs: usize,
    /// The exponent of a row's activity in its regularization.
    pub(in crate::train) power: f32,
    /// Whether an epoch may be cut into stages; otherwise an update needs all ratings of a row at once.
    pub(in crate::train) has_stages: bool,
    /// Whether epochs are draws of a chain, whose predictions are averaged.
    pub(in crate::train) is_chain: bool,
    /// Where factors start when they begin from a model of another algorithm; `None` if there is no choice of a start.
    pub(in crate::train) start: Option<Start>,
    /// From which interval the numbers of a row are drawn before the first epoch; the flag says whether training begins
    /// from a model, whose rows say where others lie.
    pub(in crate::train) interval: fn(&Candidate, factors: usize, is_warm: bool) -> (f32, f32),
    /// What ratings are in training: their units.
    pub(in crate::train) scale: fn(&Ratings) -> Scale,
    /// The fraction of so many ratings that is held out to stop by.
    pub(in crate::train) held_out: fn(ratings: usize) -> f64,
    /// What the best epoch, and the winner of a race, is found by.
    pub(in crate::train) criterion: Criterion,
    /// What runs where there is no race.
    pub(in crate::train) unraced: fn(&Settings, &Problem) -> Candidate,
    /// The candidates of a race that agree with the settings; none where there is nothing to race for.
    pub(in crate::train) field: fn(&Settings, &Problem) -> Vec<Candidate>,
}

/// The fraction that is held out of so many ratings: a twentieth, and more where that would be fewer than 2000 ratings.
pub(super) fn enough_held_out(ratings: usize) -> f64 {
    (2000.0 / ratings.max(1) as f64).clamp(0.05, 0.2)
}

/// Adds a candidate that is not there yet.
pub(super) fn add(field: &mut Vec<Candidate>, candidate: Candidate) {
    if !field.contains(&candidate) {
        field.push(candidate);
    }
}
