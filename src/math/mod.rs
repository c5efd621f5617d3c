//! Numbers: matrices, and random numbers that depend on nothing but what they are for.

mod leading;
mod lines;
mod matrix;
mod normal;
pub mod packed;
pub mod philox;
mod square;

pub use lines::{LINE, Lines};
pub use matrix::Matrix;
pub use normal::normal;
pub use square::{Lower, Square};
