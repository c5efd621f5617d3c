//! Ratings in memory: ids, triples, and the form in which they are trained on.

mod bins;
mod confidence;
mod dataset;
mod feedback;
mod id;
mod ids;
mod near;
mod profile;
mod scale;
mod side;
mod split;
mod staged;
mod trainable;
mod triples;

pub use bins::Bins;
pub use confidence::Confidence;
pub use dataset::Dataset;
pub use feedback::Feedback;
pub use id::{Id, IdText};
pub use ids::IdMap;
pub(crate) use ids::id_of;
pub(crate) use profile::Counter;
pub use profile::{Level, Profile, Quantiles};
pub use scale::{Scale, Shape};
pub use side::{At, Side, Sides};
pub use split::{Draw, folds, latest, latest_of, marked, part, random, split};
pub use staged::{
    CellSlice, Cells, Codes, LEVELS, Levels, Place, Rows, Shared, Shelf, Stage, Staged, are_many,
    stage_on_disk,
};
pub(crate) use staged::{Grouping, count, group, places, starts};
pub use trainable::{LeftOut, Staging, Trainable};
pub use triples::{CHUNK, Chunk, Kept, Ratings, Take, Triples, is_rating};
