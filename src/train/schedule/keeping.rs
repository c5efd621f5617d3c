//! What watches a run of training: an observer, and a keeper of states for later and for a device that fails.

use super::checkpoint::{Checkpoint, Keeper, Position};
use crate::Result;
use crate::train::event::Event;
use crate::train::monitor::{Monitor, Observe, Step};
use std::time::{Duration, Instant};

/// So many epochs may have to be run again after a device failed...
const IN_MEMORY_EVERY: usize = 5;
/// ...or as much time as it takes this many times to keep a position in memory, unless that takes less than [`NO_TIME`].
const IN_MEMORY_SHARE: u32 = 20;
const NO_TIME: Duration = Duration::from_millis(50);

/// An observer, and a keeper if states are to be kept.
pub struct Keeping<'a> {
    observe: &'a mut Observe<'a>,
    keeper: Option<&'a mut dyn Keeper>,
    /// Whether the observer ended training.
    pub(super) stopped: bool,
    /// Whether the best factors are kept, for an end at any time.
    pub(super) may_end: bool,
    /// The last position that is kept in memory, for a device that fails.
    last: Option<Position<'static>>,
    /// Epochs since then, of a device that can fail, and when that was.
    since: Option<(usize, Instant)>,
    /// How long it takes to keep one, and when that was begun.
    takes: Duration,
    begun: Instant,
    /// Whether the keeper is to have the next position.
    asked: bool,
}

impl<'a> Keeping<'a> {
    /// An observer, and a keeper if states are to be kept.
    pub fn new(observe: &'a mut Observe<'a>, keeper: Option<&'a mut dyn Keeper>) -> Self {
        Self {
            observe,
            keeper,
            stopped: false,
            may_end: false,
            last: None,
            since: None,
            takes: Duration::ZERO,
            begun: Instant::now(),
            asked: false,
        }
    }

    /// Training may be ended at any time, and then the best factors are wanted, not the latest.
    #[must_use]
    pub fn that_may_end(self, may_end: bool) -> Self {
        Self { may_end, ..self }
    }

    /// Keeps a position that was due.
    pub(super) fn keep(&mut self, position: Position<'_>) -> Result<()> {
        let checkpoint = Checkpoint(position.on_host()?);
        if self.asked
            && let Some(keeper) = &mut self.keeper
        {
            keeper.keep(&checkpoint)?;
        }
        if self.since.is_some() {
            self.last = Some(checkpoint.0.into_owned());
            self.since = Some((0, Instant::now()));
            if !self.asked {
                self.takes = self.begun.elapsed();
            }
        }
        Ok(())
    }

    /// From here on positions are kept in memory, too, if the device can fail.
    pub(super) fn guard(&mut self, device_can_fail: bool) {
        self.since = device_can_fail.then(|| (0, Instant::now()));
    }

    /// The position to resume from after the device failed.
    pub(super) fn last(&self) -> Option<Position<'static>> {
        self.last.clone()
    }

    /// Gives the keeper the position to resume from, since training ends here.
    pub(super) fn keep_last(&mut self) -> Result<()> {
        match (self.last.take(), &mut self.keeper) {
            (Some(last), Some(keeper)) => keeper.keep(&Checkpoint(last)),
            _ => Ok(()),
        }
    }
}

impl Monitor for Keeping<'_> {
    fn report(&mut self, event: &Event) -> bool {
        let stop = (self.observe)(event).is_break();
        self.stopped |= stop;
        stop
    }

    /// By the keeper, or in memory.
    fn due(&mut self, step: Step) -> bool {
        self.asked = self.keeper.as_mut().is_some_and(|keeper| keeper.due(step));
        self.begun = Instant::now();
        if step == Step::Epoch
            && let Some((epochs, _)) = &mut self.since
        {
            *epochs += 1;
        }
        let rest = if self.takes < NO_TIME { Duration::ZERO } else { IN_MEMORY_SHARE * self.takes };
        let is_long = |(epochs, at): (usize, Instant)| epochs >= IN_MEMORY_EVERY && at.elapsed() >= rest;
        self.asked || (step == Step::Epoch && self.since.is_some_and(is_long))
    }
}
