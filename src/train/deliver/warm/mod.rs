//! A start from another model: what it knows keeps its factors, and what is new begins as an average row does
//! (docs/maths.md, "Warm start"). The inverse of `deliver/finish.rs`.

mod centres;
mod filled;
mod held_out;
mod rows;
mod start;
#[cfg(test)]
mod tests;

pub use filled::filled_from;
pub use held_out::{held_out_of_new, trained_on};
pub use start::WarmStart;
