//! Warm start: training begins from another model. Rows that the model contains keep their factors, and new
//! rows begin as the average row (docs/maths.md, "Warm start"). The inverse of `deliver/finish.rs`.

mod centres;
mod filled;
mod held_out;
mod rows;
mod start;
#[cfg(test)]
mod tests;
mod units;

pub use filled::filled_from;
pub use held_out::{held_out_of_new, trained_on};
pub use start::WarmStart;
pub use units::{Rescaled, Span};
