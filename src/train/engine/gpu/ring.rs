//! Slots on a device that ratings are streamed through, part by part, if they do not all fit at once.

use crate::Result;
use crate::gpu::{Gpu, Submission};
use std::collections::VecDeque;

/// The smallest number of ratings, or of batches, for which a slot is allocated.
const FEWEST: usize = 256;
/// One slot is filled while the device works on another.
const SLOTS: usize = 2;

/// A few slots that are used in turn.
#[derive(Debug)]
pub(super) struct Ring<R> {
    slots: Vec<R>,
    /// The capacity of a slot.
    pub(super) size: usize,
    next: usize,
    running: VecDeque<Submission>,
}

impl<R> Ring<R> {
    /// Allocates the slots as large as possible, up to the size `most`, while at least as much memory stays
    /// free; but never smaller than `least`.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if not even slots of the size `least` fit.
    pub(super) fn new(
        gpu: &Gpu,
        (least, most): (usize, usize),
        slot: impl Fn(usize) -> Result<R>,
    ) -> Result<Self> {
        let slots = |count: usize, size: usize| (0..count).map(|_| slot(size)).collect::<Result<Vec<_>>>();
        let least = least.max(FEWEST);
        let mut size = most.max(least);
        while size > least && slots(2 * SLOTS, size).is_err() {
            gpu.check()?;
            size = (size * 3 / 4).max(least);
        }
        Ok(Self { slots: slots(SLOTS, size)?, size, next: 0, running: VecDeque::new() })
    }

    /// The next slot. Waits until the device no longer reads it.
    pub(super) fn slot(&mut self) -> Result<&R> {
        if self.running.len() == SLOTS
            && let Some(oldest) = self.running.pop_front()
        {
            oldest.wait()?;
        }
        self.next = (self.next + 1) % SLOTS;
        Ok(&self.slots[self.next])
    }

    /// Registers the work that reads the latest slot.
    pub(super) fn runs(&mut self, submission: Submission) {
        self.running.push_back(submission);
    }
}
