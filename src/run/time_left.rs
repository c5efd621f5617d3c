//! A run that is to end in time: when training has to stop so that the model can still be tested and written.

use super::limits::Limit;
use super::plan::Plan;
use crate::train::{Event, Phase};
use std::time::{Duration, Instant};

/// Multiplications a second and thread that lists are taken to need, a low guess: they are measured nowhere before.
const PRODUCTS: f64 = 1e9;

/// Bytes a second that files are taken to be written with, a low guess.
const WRITTEN: f64 = 50e6;

/// The part of a limit that is left for what nobody foresees.
const SPARE: f64 = 0.05;

/// Sees to it that a run ends in time.
pub(super) struct TimeLeft {
    began: Instant,
    limit: Option<Duration>,
    /// What comes after training is taken to need.
    after: Duration,
    /// The seconds of the latest epoch.
    epoch: f64,
}

impl TimeLeft {
    /// Time runs from now on.
    pub(super) fn new(limit: Option<Limit>) -> Self {
        Self {
            began: Instant::now(),
            limit: limit.map(|Limit(limit)| limit),
            after: Duration::ZERO,
            epoch: 0.0,
        }
    }

    pub(super) fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Sets aside what lists of all users, if they are wanted, and files will need.
    pub(super) fn reserve(&mut self, plan: &Plan, lists: bool) {
        let threads = rayon::current_num_threads() as f64;
        let products = if lists { plan.users as f64 * plan.items as f64 * plan.factors as f64 } else { 0.0 };
        let bytes = (plan.factor_bytes + 12 * plan.ratings) as f64;
        self.after = Duration::from_secs_f64(products / (PRODUCTS * threads) + bytes / WRITTEN);
    }

    /// Whether training is to end at this event.
    pub(super) fn is_over(&mut self, event: &Event) -> bool {
        let Some(limit) = self.limit else { return false };
        let needed = match event {
            Event::Epoch { epoch, .. } => {
                self.epoch = epoch.seconds;
                0.0
            }
            // A model of all ratings that is not ready in time is worth nothing.
            Event::Begin { phase: Phase::Refit, epochs } => self.epoch * *epochs as f64,
            _ => 0.0,
        };
        let end = limit.mul_f64(1.0 - SPARE).saturating_sub(self.after);
        self.began.elapsed() + Duration::from_secs_f64(needed) >= end
    }
}
