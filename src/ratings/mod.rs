//! Ratings as they are held in memory: ids, triples, and what training makes of them.

mod bins;
mod cells;
mod codes;
mod deal;
mod grouped;
mod ids;
mod near;
mod profile;
mod rows;
mod scale;
mod shared;
mod side;
mod split;
mod stages;
mod triples;

pub use bins::Bins;
pub use cells::{CellSlice, Cells, are_many};
pub use codes::{Codes, LEVELS, Levels};
pub(crate) use deal::{count, places, starts};
pub(crate) use grouped::{Grouping, group};
pub use ids::IdMap;
pub(crate) use ids::id_of;
pub use profile::{Level, Profile, Quantiles};
pub use rows::Rows;
pub use scale::Scale;
pub use shared::Shared;
pub use side::{At, Side, Sides};
pub use split::{folds, latest, marked, part, random, split};
pub use stages::{Stage, Staged};
pub use triples::{Dataset, Kept, Ratings};
