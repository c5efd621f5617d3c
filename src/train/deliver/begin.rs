//! What training begins with, for those who run epochs themselves.

use crate::Result;
use crate::ratings::{Feedback, Scale, Triples};
use crate::train::problem::Problem;
use crate::train::settings::Settings;
use crate::train::state::State;

/// The scale in which ratings are trained on.
///
/// # Errors
/// Those of reading the ratings.
pub fn scale_of(ratings: &dyn Triples, feedback: Feedback, settings: &Settings) -> Result<Scale> {
    (settings.algorithm.definition().scale)(ratings, feedback, settings)
}

/// The state before the first epoch, where open settings take the values that they have without a race.
pub fn first_state(problem: &Problem, settings: &Settings) -> State {
    let definition = settings.algorithm.definition();
    let candidate = (definition.unraced)(settings, problem);
    let factors = candidate.settings().factors();
    let interval = (definition.interval)(&candidate, factors, false);
    State::start(&problem.staged.position, factors, interval, settings.seed)
}
