//! The events that training reports to an observer. The library never prints.

use super::candidate::Candidate;
use super::criterion::Score;
use super::curve::Epoch;
use serde::{Deserialize, Serialize};

/// A part of a training run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The race of candidates.
    Race,
    /// Training with ratings held out, to find the number of epochs.
    Search,
    /// Training on all ratings, for the model that is delivered.
    Refit,
    /// The posterior samples ("draws") of a chain.
    Sample,
}

impl Phase {
    /// The name in one word, as in `metrics.jsonl` and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Race => "race",
            Self::Search => "search",
            Self::Refit => "refit",
            Self::Sample => "sample",
        }
    }
}

/// An event of a training run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The ratings are staged and uploaded to the device.
    Ready {
        /// A description of the device, for people.
        device: String,
        /// The number of ratings to train on.
        ratings: usize,
        /// The number of held-out ratings.
        held_out: usize,
    },
    /// A phase begins.
    Begin {
        /// The phase.
        phase: Phase,
        /// The largest number of epochs that it runs.
        epochs: usize,
        /// After so many epochs without a better score on the held-out ratings it ends early; `None` if it
        /// does not.
        patience: Option<usize>,
    },
    /// The turn of a candidate in a round of the race begins, or goes on.
    Turn {
        /// Its number in the round, from 1.
        number: usize,
        /// The number of candidates that run in the round.
        of: usize,
        /// The number of epochs that it has run.
        from: usize,
        /// The number of epochs that it has run after its turn, unless it ends early.
        until: usize,
        /// The number of epochs of the race that are to come, this turn included, as far as that is known: a
        /// winner at the edge of the field is followed beyond it.
        left: usize,
    },
    /// A candidate of the race has run to the end of a round.
    Raced {
        /// The candidate.
        candidate: Candidate,
        /// The number of epochs that it has run.
        epochs: usize,
        /// Its best score on the held-out ratings, if there is one.
        held_out: Option<Score>,
        /// Whether it stays in the race.
        kept: bool,
    },
    /// A stage of an epoch has finished, or was submitted to the device.
    Stage {
        /// The phase of the epoch.
        phase: Phase,
        /// The epoch, from 1.
        epoch: usize,
        /// The stage, from 0.
        stage: usize,
    },
    /// An epoch has finished.
    Epoch {
        /// The phase of the epoch.
        phase: Phase,
        /// The epoch's metrics.
        epoch: Epoch,
    },
    /// Training diverged and continues from the last good factors with a lower learning rate.
    RolledBack {
        /// The epoch that diverged.
        epoch: usize,
        /// The epoch whose factors are restored.
        to: usize,
        /// The new learning rate.
        learning_rate: f32,
    },
    /// The device failed, and training resumes from factors that were kept in host memory.
    DeviceFailed {
        /// A description of the failure.
        why: String,
        /// The phase and the epoch after which training resumes; `None` if it resumes from the beginning.
        from: Option<(Phase, usize)>,
        /// Whether the fallback device takes over; otherwise the same device is opened again.
        fallback: bool,
    },
    /// The search has found the best epoch.
    Found {
        /// The best epoch.
        epoch: usize,
        /// Its score on the held-out ratings.
        held_out: Option<Score>,
    },
}
