//! Synthetic ratings of any size with planted structure, so that what a learner can reach is known.

mod options;
mod planted;
mod popularity;
mod titles;
mod write;

pub use options::GenerateOptions;
pub use titles::write_titles;
pub use write::{Summary, generate};
