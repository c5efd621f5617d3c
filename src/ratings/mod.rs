//! Ratings as they are held in memory: ids, triples, and what training makes of them.

mod ids;
mod triples;

pub use ids::IdMap;
pub use triples::{Dataset, Ratings};
