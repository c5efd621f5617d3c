//! Training: settings, the schedule, the engines that run it, and the one loop over them.

mod curve;
pub mod engine;
mod event;
mod finish;
mod fit;
mod problem;
mod race;
pub mod row;
mod session;
mod settings;
mod state;

pub use curve::{Curve, Epoch};
pub use event::{Event, Phase};
pub use fit::{FitPlan, fit};
pub use problem::Problem;
pub use session::{OpenEngine, Outcome, Training, train};
pub use settings::{Regularization, Settings, Start};
pub use state::{SideState, State};
