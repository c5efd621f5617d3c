//! Matrix factorization of rating tables on any GPU, with a CPU engine that is a product in itself.
//!
//! Floors, from the ground up: [`error`], [`stop`], [`guard`] and [`human`], then [`files`], [`charts`], [`math`], [`ratings`] and `gpu`, then [`input`],
//! [`model`] and [`generate`], then [`score`], [`eval`], then [`train`] and [`output`], then [`run`].
//! `docs/architecture.md` is the map; `tests/floors` keeps it true.

pub mod charts;
pub mod error;
pub mod eval;
pub mod files;
pub mod generate;
pub mod gpu;
pub mod guard;
pub mod human;
pub mod input;
pub mod math;
pub mod model;
pub mod output;
pub mod ratings;
pub mod run;
pub mod score;
pub mod stop;
pub mod train;

pub use error::{Error, Result};
pub use stop::Stop;
