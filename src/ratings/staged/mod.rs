//! Stages: groups of users of about equal work, each with its ratings by user and by item.
//!
//! Alternating the two sides within one group of users before the next group converges in half the epochs of
//! a plain alternation (docs/maths.md, "Stages").

mod assign;
mod buffers;
mod cells;
mod codes;
mod deal;
mod grouped;
mod numbers;
mod rows;
mod shared;
mod stage;
mod waves;
mod whole;

pub use cells::{CellSlice, Cells, are_many};
pub use codes::{Codes, LEVELS, Levels};
pub(crate) use deal::{count, places, starts};
pub(crate) use grouped::{Grouping, group};
pub use rows::Rows;
pub use shared::Shared;
pub use stage::Stage;
pub use whole::Staged;
