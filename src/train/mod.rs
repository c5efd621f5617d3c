//! Training: settings, the schedule, the engines that run it, and the one loop over them.

mod chain;
mod checkpoint;
mod choices;
mod curve;
mod deliver;
pub mod engine;
mod event;
mod finish;
mod fit;
mod fold_in;
mod method;
mod problem;
mod race;
mod residuals;
pub mod row;
mod session;
mod settings;
mod state;
mod training;
mod warm;
mod watch;

pub use checkpoint::{Checkpoint, Keeper, Step};
pub use choices::{Algorithm, Regularization, Start, Views};
pub use curve::{Curve, Epoch};
pub use event::{Event, Phase};
pub use fold_in::{Added, Folded, add_new, fold_in};
pub use problem::{Problem, Set};
pub use race::Candidate;
pub use residuals::Residual;
pub use session::{ENOUGH_HELD_OUT, go_on, train};
pub use settings::Settings;
pub use state::{SideState, State};
pub use training::{HeldOut, OpenEngine, Outcome, Training};
pub use warm::{WarmStart, settled};
pub use watch::{Observe, Watch};
