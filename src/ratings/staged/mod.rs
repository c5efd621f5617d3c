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
mod on_disk;
mod rooms;
mod rows;
mod shared;
mod shelf;
mod stage;
mod waves;
mod whole;

pub use cells::{CellSlice, Cells, are_many};
pub use codes::{Codes, LEVELS, Levels};
pub(crate) use deal::{count, places, starts};
pub(crate) use grouped::{Grouping, group};
pub use on_disk::stage_on_disk;
pub use rooms::Place;
pub use rows::Rows;
pub use shared::Shared;
pub use shelf::Shelf;
pub use stage::Stage;
pub use whole::Staged;
