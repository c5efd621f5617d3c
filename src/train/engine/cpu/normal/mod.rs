//! Sweeps by normal equations.

mod scratch;
mod sums;
mod sweep;
mod turned;

pub(super) use sums::{make_implicit, moment_parts};
pub(super) use sweep::sweep;
pub(super) use turned::Turned;
