//! Numerics: matrices, and random numbers that depend only on their seed, purpose and index.

mod eigen;
mod gaussian;
mod leading;
mod lines;
mod matrix;
pub mod packed;
pub mod philox;
mod square;
mod summed;
mod totals;

pub use eigen::Eigen;
pub use gaussian::normal;
pub use lines::{LINE, Lines};
pub use matrix::Matrix;
pub use square::{Lower, Square};
pub use summed::{products, summed};
pub use totals::{TOGETHER, totals};
