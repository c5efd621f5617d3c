//! Memory that a thread uses again for each of its bundles.

use std::sync::{Mutex, PoisonError, TryLockError};

/// A place for each thread of the pool.
pub(super) struct Scratches<T> {
    places: Vec<Mutex<Option<T>>>,
    /// What was used beside them.
    late: Mutex<Vec<T>>,
}

impl<T> Scratches<T> {
    pub(super) fn new() -> Self {
        let places = (0..rayon::current_num_threads()).map(|_| Mutex::new(None)).collect();
        Self { places, late: Mutex::new(Vec::new()) }
    }

    /// Does some work with the memory of this thread. A thread that waits for the parts of a row may begin
    /// another bundle meanwhile, which then gets memory of its own.
    pub(super) fn with(&self, new: impl FnOnce() -> T, work: impl FnOnce(&mut T)) {
        let place = rayon::current_thread_index().and_then(|thread| self.places.get(thread));
        match place.map(Mutex::try_lock) {
            Some(Ok(mut place)) => work(place.get_or_insert_with(new)),
            // What a panic left behind is overwritten like all else.
            Some(Err(TryLockError::Poisoned(place))) => work(place.into_inner().get_or_insert_with(new)),
            Some(Err(TryLockError::WouldBlock)) | None => {
                let mut own = new();
                work(&mut own);
                self.late.lock().unwrap_or_else(PoisonError::into_inner).push(own);
            }
        }
    }

    /// Visits all memory that was used.
    pub(super) fn each(&mut self, visit: impl FnMut(&mut T)) {
        let places = self.places.iter_mut();
        let places =
            places.filter_map(|place| place.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut());
        let late = self.late.get_mut().unwrap_or_else(PoisonError::into_inner);
        places.chain(late).for_each(visit);
    }
}
