//! Training: settings, the algorithms, the engines that run them, and the schedule of a run.

mod algorithm;
mod candidate;
mod choices;
mod criterion;
mod curve;
mod deliver;
pub mod engine;
mod event;
mod monitor;
mod problem;
pub mod row;
mod schedule;
mod settings;
mod state;
mod training;

pub use candidate::Candidate;
pub use choices::{Algorithm, Choice, Objective, Start};
pub use criterion::{Criterion, Direction, ListMetric, Score};
pub use curve::{Curve, Epoch};
pub use deliver::{
    Added, Folded, Rescaled, Span, Trace, WarmStart, add_new, compare, filled_from, first_state, fold_in,
    held_out_of_new, scale_of, trained_on,
};
pub use engine::OpenEngine;
pub use event::{Event, Phase};
pub use monitor::{Observe, Step};
pub use problem::{Problem, Set};
pub use row::normal::Solver;
pub use schedule::{Checkpoint, Keeper, Keeping, Outcome, Residual, resume, train};
pub use settings::Settings;
pub use state::{SideState, State};
pub use training::{HeldOut, Training};
