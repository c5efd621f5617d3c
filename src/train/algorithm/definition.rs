//! The fixed properties of an algorithm. Each algorithm states them as one constant in its own file; its work
//! in an epoch is its method (`algorithm/method.rs`).

use crate::Result;
use crate::ratings::{Feedback, Scale, Triples};
use crate::train::candidate::Candidate;
use crate::train::choices::{Objective, Start};
use crate::train::criterion::{Criterion, Score};
use crate::train::problem::Problem;
use crate::train::settings::Settings;

/// All properties of an algorithm except its epoch.
pub(in crate::train) struct Definition {
    /// A few words on the algorithm and its purpose.
    pub(in crate::train) purpose: &'static str,
    /// What the factors are for.
    pub(in crate::train) objective: Objective,
    /// The default number of factors of a user or an item.
    pub(in crate::train) factors: usize,
    /// The settings that it uses besides those of [`OF_ALL`].
    pub(in crate::train) settings: &'static [&'static str],
    /// The largest number of factors.
    pub(in crate::train) most_factors: usize,
    /// The default for the largest number of epochs; for a chain, the number of draws that count.
    pub(in crate::train) epochs: usize,
    /// The default for the number of epochs without a better score before training stops.
    pub(in crate::train) patience: usize,
    /// The exponent of a row's activity in its regularization.
    pub(in crate::train) power: f32,
    /// Whether an epoch can be cut into stages. Otherwise an update needs all ratings of a row at once.
    pub(in crate::train) has_stages: bool,
    /// Whether epochs are posterior samples ("draws") of a chain, whose predictions are averaged.
    pub(in crate::train) is_chain: bool,
    /// Whether the equations of rows may be solved in several ways.
    pub(in crate::train) has_solver: bool,
    /// The start of the factors when training begins from a model of another algorithm; `None` if the
    /// algorithm has no choice of a start.
    pub(in crate::train) start: Option<Start>,
    /// The interval from which the factors of a row are drawn before the first epoch. The flag says whether
    /// training begins from a model, whose rows then show where new ones belong.
    pub(in crate::train) interval: fn(&Candidate, factors: usize, is_warm: bool) -> (f32, f32),
    /// The scale of the ratings in training, which defines the standard unit.
    pub(in crate::train) scale: fn(&dyn Triples, Feedback, &Settings) -> Result<Scale>,
    /// The default fraction of `ratings` ratings that is held out for validation.
    pub(in crate::train) held_out: fn(ratings: usize) -> f64,
    /// The criterion that chooses the best epoch and the winner of a race.
    pub(in crate::train) criterion: Criterion,
    /// The candidate that is trained when there is no race.
    pub(in crate::train) unraced: fn(&Settings, &Problem) -> Candidate,
    /// The candidates of a race that agree with the settings; empty if the settings leave nothing to decide.
    pub(in crate::train) field: fn(&Settings, &Problem) -> Vec<Candidate>,
    /// After each of these total numbers of epochs the better half of the field stays; after the last one,
    /// the best candidate.
    pub(in crate::train) rungs: &'static [usize],
    /// Larger candidates than the winner of a race, to be tried next; with the best scores of all that raced.
    pub(in crate::train) larger: Larger,
}

/// The settings that every algorithm uses.
pub(super) const OF_ALL: &[&str] = &["algorithm", "factors", "epochs", "valid", "criterion", "seed"];

/// Chooses the next candidates of a race after a winner.
pub(in crate::train) type Larger =
    fn(&Settings, &Candidate, (&Problem, &[(Candidate, Score)])) -> Vec<Candidate>;

/// The rungs of a race in which settings differ after a few epochs.
pub(super) const RUNGS: &[usize] = &[8, 16];

/// The fraction held out of `ratings` ratings: a twentieth, but more where a twentieth is fewer than 2000
/// ratings.
pub(super) fn enough_held_out(ratings: usize) -> f64 {
    (2000.0 / ratings.max(1) as f64).clamp(0.05, 0.2)
}

/// Adds a candidate unless the field contains it.
pub(super) fn add(field: &mut Vec<Candidate>, candidate: Candidate) {
    if !field.contains(&candidate) {
        field.push(candidate);
    }
}
