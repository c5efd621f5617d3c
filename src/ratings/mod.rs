//! Ratings in memory: ids, triples, and the form in which they are trained on.

mod bins;
mod confidence;
mod feedback;
mod id;
mod ids;
mod near;
mod profile;
mod scale;
mod side;
mod split;
mod staged;
mod triples;

pub use bins::Bins;
pub use confidence::Confidence;
pub use feedback::Feedback;
pub use id::{Id, IdText};
pub use ids::IdMap;
pub(crate) use ids::id_of;
pub(crate) use profile::levels;
pub use profile::{Level, Profile, Quantiles};
pub use scale::{Scale, Shape};
pub use side::{At, Side, Sides};
pub use split::{folds, latest, marked, part, random, split};
pub use staged::{CellSlice, Cells, Codes, LEVELS, Levels, Rows, Shared, Stage, Staged, are_many};
pub(crate) use staged::{Grouping, count, group, places, starts};
pub use triples::{Dataset, Kept, Ratings, is_rating};
