//! What training begins with, for those who run epochs themselves.

use crate::ratings::{Feedback, Ratings, Scale};
use crate::train::problem::Problem;
use crate::train::settings::Settings;
use crate::train::state::State;

/// The scale in which ratings are trained on.
pub fn scale_of(ratings: &Ratings, feedback: Feedback, settings: &Settings) -> Scale {
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
