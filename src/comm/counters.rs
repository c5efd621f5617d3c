//! What a rank has gathered, and how long that took.

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Sums over all gathering of a rank.
#[derive(Debug, Default)]
pub struct Counters {
    sent: AtomicU64,
    received: AtomicU64,
    calls: AtomicU64,
    waited: AtomicU64,
    gathered: AtomicU64,
}

/// What a rank has gathered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// The bytes that the rank gave to the others.
    pub bytes_given: u64,
    /// The bytes that it got from the others.
    pub bytes_received: u64,
    /// How often the ranks gathered.
    pub gatherings: u64,
    /// The seconds that it waited for the others to be ready.
    pub seconds_waited: f64,
    /// The seconds that gathering took.
    pub seconds_gathering: f64,
}

impl Traffic {
    /// Adds other gathering.
    pub fn add(&mut self, other: &Self) {
        self.bytes_given += other.bytes_given;
        self.bytes_received += other.bytes_received;
        self.gatherings += other.gatherings;
        self.seconds_waited += other.seconds_waited;
        self.seconds_gathering += other.seconds_gathering;
    }
}

impl Counters {
    /// Counts one gathering, in which the rank gave `own` bytes of `all`.
    pub(super) fn add(&self, own: usize, all: usize, waited: Duration, gathered: Duration) {
        self.sent.fetch_add(own as u64, Relaxed);
        self.received.fetch_add((all - own) as u64, Relaxed);
        self.calls.fetch_add(1, Relaxed);
        self.waited.fetch_add(waited.as_nanos() as u64, Relaxed);
        self.gathered.fetch_add(gathered.as_nanos() as u64, Relaxed);
    }

    /// The sums so far.
    pub fn traffic(&self) -> Traffic {
        let seconds = |nanoseconds: &AtomicU64| Duration::from_nanos(nanoseconds.load(Relaxed)).as_secs_f64();
        Traffic {
            bytes_given: self.sent.load(Relaxed),
            bytes_received: self.received.load(Relaxed),
            gatherings: self.calls.load(Relaxed),
            seconds_waited: seconds(&self.waited),
            seconds_gathering: seconds(&self.gathered),
        }
    }
}
