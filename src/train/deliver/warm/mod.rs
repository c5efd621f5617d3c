//! A start from another model: what it knows keeps its factors, and what is new begins as an average row does
//! (docs/maths.md, "Warm start"). The inverse of `deliver/finish.rs`.

mod centres;
mod filled;
mod rows;
mod start;
#[cfg(test)]
mod tests;

pub use filled::filled_from;
pub use start::WarmStart;
