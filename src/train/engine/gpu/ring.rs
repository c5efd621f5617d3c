//! Rooms on a device that ratings go through, one part after another, where not all of them fit at a time.

use crate::Result;
use crate::gpu::{Gpu, Submission};
use std::collections::VecDeque;

/// Ratings, or batches of them, that a slot is worth making for.
const FEWEST: usize = 256;
/// One slot is filled while the device works on another.
const ROOMS: usize = 2;

/// A few slots, used in turn.
#[derive(Debug)]
pub(super) struct Ring<R> {
    slots: Vec<R>,
    /// What a slot holds.
    pub(super) size: usize,
    next: usize,
    running: VecDeque<Submission>,
}

impl<R> Ring<R> {
    /// As large slots as leave as much free as they take, up to the size `most`; but of size `least` at least.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if not even those fit.
    pub(super) fn new(
        gpu: &Gpu,
        (least, most): (usize, usize),
        slot: impl Fn(usize) -> Result<R>,
    ) -> Result<Self> {
        let slots = |count: usize, size: usize| (0..count).map(|_| slot(size)).collect::<Result<Vec<_>>>();
        let least = least.max(FEWEST);
        let mut size = most.max(least);
        while size > least && slots(2 * ROOMS, size).is_err() {
            gpu.check()?;
            size = (size * 3 / 4).max(least);
        }
        Ok(Self { slots: slots(ROOMS, size)?, size, next: 0, running: VecDeque::new() })
    }

    /// A slot that the device does not read any more.
    pub(super) fn slot(&mut self) -> Result<&R> {
        if self.running.len() == ROOMS
            && let Some(oldest) = self.running.pop_front()
        {
            oldest.wait()?;
        }
        self.next = (self.next + 1) % ROOMS;
        Ok(&self.slots[self.next])
    }

    /// To be called with the work that reads the latest slot.
    pub(super) fn runs(&mut self, submission: Submission) {
        self.running.push_back(submission);
    }
}
