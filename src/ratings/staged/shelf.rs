//! Pieces of ratings that are not in memory.

use super::Cells;
use crate::Result;
use std::fmt;
use std::sync::Arc;

/// Has the ratings of pieces, and lends them one by one. Pieces are numbered in the order of an epoch: by stage, users
/// before items.
pub trait Shelf: fmt::Debug + Send + Sync {
    /// The ratings of a piece.
    ///
    /// # Errors
    /// Those of reading.
    fn take(&self, piece: usize) -> Result<Cells>;

    /// Takes ratings back that are no longer needed, for their memory.
    fn give_back(&self, cells: Cells);
}

/// The place of pieces, if they are not in memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Elsewhere(pub(super) Option<Arc<dyn Shelf>>);

impl PartialEq for Elsewhere {
    /// Whether both are in memory, or in one place.
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            _ => false,
        }
    }
}
