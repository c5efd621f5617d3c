//! Numbers: matrices, and random numbers that depend on nothing but what they are for.

mod matrix;
pub mod philox;

pub use matrix::Matrix;
