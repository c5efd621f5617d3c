//! Synthetic ratings of any size with planted structure, so that the best possible error is known.

mod options;
mod planted;
mod popularity;
mod titles;
mod write;

pub use options::GenerateOptions;
pub use titles::write_titles;
pub use write::{Summary, generate};
