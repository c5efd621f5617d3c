//! The whole matrix, or some of its rows and columns: ratings where they are known, predictions elsewhere.

mod long;
mod npy;
mod rows;
mod size;
mod wide;

pub use long::completed;
pub use npy::{completed_npy, completed_npy_size};
pub use rows::Cells;
pub use size::{Size, completed_size, completed_wide_size};
pub use wide::completed_wide;
