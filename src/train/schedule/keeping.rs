//! The observer of a training run, and the states that are kept: by a keeper for later, in memory in case the
//! device fails.

use super::checkpoint::{Checkpoint, Keeper, Position};
use crate::comm::{Comm, as_rank_0};
use crate::train::event::Event;
use crate::train::monitor::{Monitor, Observe, Step};
use crate::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// If a device fails, at most this many epochs are repeated...
const IN_MEMORY_EVERY: usize = 5;
/// ...or as many as take this many times as long as keeping a position in memory, if that takes [`NO_TIME`]
/// or more.
const IN_MEMORY_SHARE: u32 = 20;
const NO_TIME: Duration = Duration::from_millis(50);

/// The exit code of a rank that ends because rank 0 does, which says why.
const ENDED: u8 = 128;

/// An observer, and a keeper if states are to be kept.
pub struct Keeping<'a> {
    observe: &'a mut Observe<'a>,
    keeper: Option<&'a mut dyn Keeper>,
    /// Whether the observer ended training.
    stopped: bool,
    /// Whether the best factors are kept, so that training can end at any time.
    pub(super) may_end: bool,
    /// The latest position that is kept in memory, in case the device fails.
    last: Option<Position<'static>>,
    /// For a device that can fail: the epochs since the latest position was kept, and the time when it was
    /// kept.
    since: Option<(usize, Instant)>,
    /// How long it takes to keep a position in memory, and when that was begun.
    takes: Duration,
    begun: Instant,
    /// Whether the keeper asked for the next position.
    asked: bool,
    /// The connection to the other ranks. Rank 0 alone has an observer and a keeper, and the others do as it says.
    comm: Option<Arc<dyn Comm>>,
    /// Why the ranks can no longer agree.
    failed: Option<Error>,
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
            comm: None,
            failed: None,
        }
    }

    /// Sets whether training may be ended at any time. The result is then the best factors, not the latest.
    #[must_use]
    pub fn that_may_end(self, may_end: bool) -> Self {
        Self { may_end, ..self }
    }

    /// Lets several ranks agree on when to keep and to end.
    #[must_use]
    pub(super) fn among(&mut self, comm: Option<&Arc<dyn Comm>>) -> &mut Self {
        self.comm = comm.cloned();
        self
    }

    /// The error by which the ranks can no longer agree.
    pub(super) fn check(&mut self) -> Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// The answer of rank 0. If it cannot be had, training ends.
    fn agree(&mut self, ask: impl FnOnce(&mut Self) -> bool) -> bool {
        let Some(comm) = self.comm.clone() else { return ask(self) };
        as_rank_0(&*comm, || ask(self)).unwrap_or_else(|error| {
            self.failed = Some(error);
            true
        })
    }

    /// Keeps a position, after [`due`](Monitor::due) asked for one.
    pub(super) fn keep(&mut self, position: Position<'_>) -> Result<()> {
        self.check()?;
        let checkpoint = Checkpoint(position.on_host()?);
        if self.asked {
            let mut kept = Ok(());
            let ended = self.agree(|this| {
                kept = this.keeper.as_mut().map_or(Ok(()), |keeper| keeper.keep(&checkpoint));
                kept.is_err()
            });
            kept?;
            self.check()?;
            if ended {
                return Err(Error::stopped(ENDED));
            }
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

    /// From now on positions are also kept in memory, if the device can fail.
    pub(super) fn guard(&mut self, device_can_fail: bool) {
        self.since = device_can_fail.then(|| (0, Instant::now()));
    }

    /// The position to resume from after the device failed.
    pub(super) fn last(&self) -> Option<Position<'static>> {
        self.last.clone()
    }

    /// Passes the latest position in memory to the keeper, because training ends with an error.
    pub(super) fn keep_last(&mut self) -> Result<()> {
        match (self.last.take(), &mut self.keeper) {
            (Some(last), Some(keeper)) => keeper.keep(&Checkpoint(last)),
            _ => Ok(()),
        }
    }
}

impl Monitor for Keeping<'_> {
    fn report(&mut self, event: &Event) -> bool {
        let stop = self.agree(|this| (this.observe)(event).is_break());
        self.stopped |= stop;
        stop
    }

    fn stopped(&self) -> bool {
        self.stopped
    }

    /// Whether the keeper asks for the state, or a position in memory is due.
    fn due(&mut self, step: Step) -> bool {
        self.asked = self.agree(|this| this.keeper.as_mut().is_some_and(|keeper| keeper.due(step)));
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
