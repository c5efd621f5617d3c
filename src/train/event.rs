//! What training tells whoever watches. The library never prints.

use super::candidate::Candidate;
use super::criterion::Score;
use super::curve::Epoch;
use serde::{Deserialize, Serialize};

/// Which part of a run an epoch belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The race over settings.
    Race,
    /// With ratings held out, to find the number of epochs.
    Search,
    /// On all ratings, for the model that is delivered.
    Refit,
    /// The draws of a chain.
    Sample,
}

impl Phase {
    /// The name in one word, as people and `metrics.jsonl` have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Race => "race",
            Self::Search => "search",
            Self::Refit => "refit",
            Self::Sample => "sample",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// Ratings are staged and on the device.
    Ready {
        /// What the engine runs on.
        device: String,
        /// Ratings to learn from.
        ratings: usize,
        /// Ratings held out.
        held_out: usize,
    },
    /// A phase begins that will run at most so many epochs.
    Begin {
        /// Which.
        phase: Phase,
        /// At most.
        epochs: usize,
    },
    /// A setting of the race has run so far.
    Raced {
        /// The setting.
        candidate: Candidate,
        /// How many epochs it has run.
        epochs: usize,
        /// Its best score on held-out ratings, if it has one.
        held_out: Option<Score>,
        /// Whether it stays in the race.
        kept: bool,
    },
    /// A stage of an epoch is over, or on its way to the device.
    Stage {
        /// In which phase.
        phase: Phase,
        /// The epoch, from 1.
        epoch: usize,
        /// The stage, from 0.
        stage: usize,
    },
    /// An epoch is over.
    Epoch {
        /// In which phase.
        phase: Phase,
        /// Its numbers.
        epoch: Epoch,
    },
    /// Training diverged and goes on from the last good factors with a lower learning rate.
    RolledBack {
        /// The epoch that diverged.
        epoch: usize,
        /// The epoch whose factors are taken up again.
        to: usize,
        /// The new learning rate.
        learning_rate: f32,
    },
    /// The device failed, and training goes on from factors that were kept in memory.
    DeviceFailed {
        /// What happened.
        why: String,
        /// The phase and the epoch after which it goes on; `None` is the beginning.
        from: Option<(Phase, usize)>,
        /// Whether the fallback takes over; otherwise the device is opened again.
        fallback: bool,
    },
    /// The search is over: this epoch was best.
    Found {
        /// The best epoch.
        epoch: usize,
        /// Its score on held-out ratings.
        held_out: Option<Score>,
    },
}
