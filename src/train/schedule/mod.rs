//! The schedule of a training run: race, search and refit on an engine. Each of them can be kept and resumed.

mod chain;
mod checkpoint;
mod field;
mod fit;
mod keeping;
mod opened;
mod outcome;
mod race;
mod refit;
mod residuals;
mod search;
mod session;
mod setup;

pub use checkpoint::{Checkpoint, Keeper};
pub use keeping::Keeping;
pub use outcome::Outcome;
pub use residuals::Residual;
pub use session::{resume, train};
