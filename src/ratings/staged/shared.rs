//! Parts of one shared array. Freeing many blocks of memory leaves gaps between them; freeing one does not.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A part of an array that is shared with other parts.
#[derive(Clone, Default)]
pub struct Shared<T> {
    all: Arc<Vec<T>>,
    part: Range<usize>,
}

impl<T> Shared<T> {
    /// A part of `all`.
    ///
    /// # Panics
    /// If the part exceeds the array.
    pub(super) fn of(all: &Arc<Vec<T>>, part: Range<usize>) -> Self {
        assert!(part.start <= part.end && part.end <= all.len(), "{part:?} of {}", all.len());
        Self { all: Arc::clone(all), part }
    }
}

impl<T> Shared<T> {
    /// The whole array, if nobody else has it.
    pub(super) fn into_all(self) -> Option<Vec<T>> {
        Arc::try_unwrap(self.all).ok()
    }
}

impl<T> Deref for Shared<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.all[self.part.clone()]
    }
}

impl<T> From<Vec<T>> for Shared<T> {
    fn from(all: Vec<T>) -> Self {
        let part = 0..all.len();
        Self { all: Arc::new(all), part }
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}
