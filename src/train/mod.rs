//! Training: settings, the schedule, the engines that run it, and the one loop over them.

mod chain;
mod choices;
mod curve;
pub mod engine;
mod event;
mod finish;
mod fit;
mod fold_in;
mod method;
mod problem;
mod race;
pub mod row;
mod session;
mod settings;
mod state;
mod training;

pub use choices::{Algorithm, Regularization, Start, Views};
pub use curve::{Curve, Epoch};
pub use event::{Event, Phase};
pub use fold_in::{Added, Folded, add_new, fold_in};
pub use problem::{Problem, Set};
pub use race::Candidate;
pub use session::train;
pub use settings::Settings;
pub use state::{SideState, State};
pub use training::{HeldOut, OpenEngine, Outcome, Training};
