//! `status.json`: how a run stands, replaced every few seconds while it goes on.

use super::event::RunEvent;
use super::lock::Lock;
use super::now::now;
use super::{json, names};
use crate::train::Event;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How old it may get.
const EVERY: Duration = Duration::from_secs(3);

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Reads the ratings.
    #[default]
    Reading,
    /// Trains.
    Training,
    /// Measures the model and writes files.
    Writing,
    /// Came to its end.
    Finished,
    /// Was stopped, and can be gone on with.
    Stopped,
    /// Ended with an error.
    Failed,
    /// Its process ended without a word: killed, or the machine went down. Never in the file.
    Died,
}

impl State {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Training => "training",
            Self::Writing => "writing",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Died => "died",
        }
    }
}

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Status {
    /// What it is doing.
    pub state: State,
    /// The version of the program.
    pub version: String,
    /// The command line it began with.
    pub command: Vec<String>,
    /// When it began, as local time with its offset.
    pub began: String,
    /// When this was written.
    pub updated: String,
    /// What trains.
    pub device: String,
    /// The process.
    pub process: u32,
    /// The phase of training.
    pub phase: Option<String>,
    /// The last epoch that was completed in it.
    pub epoch: usize,
    /// Epochs of the phase, at most.
    pub epochs: usize,
    /// The lowest error on held-out ratings of the phase, in rating units.
    pub best_held_out_rmse: Option<f64>,
    /// How long the phase may still take, in seconds.
    pub eta_seconds: Option<f64>,
    /// Why it ended, if it did before its time.
    pub why: Option<String>,
}

impl Status {
    /// How the run in a directory stands.
    ///
    /// # Errors
    /// [`Error::Read`] if there is no run; [`Error::Damaged`] if its file is no status.
    pub fn load(directory: &Path) -> Result<Self> {
        let mut status: Self = json::load(&directory.join(names::STATUS))?;
        let goes_on = matches!(status.state, State::Reading | State::Training | State::Writing);
        if goes_on && !Lock::is_held(directory) {
            status.state = State::Died;
        }
        Ok(status)
    }

    /// Takes an event in; whether it is news that should not wait.
    fn hear(&mut self, event: &RunEvent) -> bool {
        match event {
            RunEvent::Training(Event::Begin { phase, epochs }) => {
                (self.state, self.phase) = (State::Training, Some(phase.name().into()));
                (self.epoch, self.epochs, self.eta_seconds) = (0, *epochs, None);
                self.best_held_out_rmse = None;
                true
            }
            RunEvent::Training(Event::Epoch { epoch, .. }) => {
                self.epoch = epoch.epoch;
                let best = self.best_held_out_rmse.into_iter().chain(epoch.held_out_rmse());
                self.best_held_out_rmse = best.reduce(f64::min);
                self.eta_seconds = Some(epoch.seconds * self.epochs.saturating_sub(epoch.epoch) as f64);
                false
            }
            RunEvent::Writing => {
                (self.state, self.eta_seconds) = (State::Writing, None);
                true
            }
            _ => false,
        }
    }
}

/// Keeps the file up to date. That it cannot be written is no reason to end a run.
pub(super) struct Reporter {
    path: PathBuf,
    pub(super) status: Status,
    written: Option<Instant>,
}

impl Reporter {
    pub(super) fn new(path: PathBuf, status: Status) -> Self {
        let mut this = Self { path, status, written: None };
        this.write();
        this
    }

    pub(super) fn hear(&mut self, event: &RunEvent) {
        let news = self.status.hear(event);
        if news || self.written.is_none_or(|written| written.elapsed() >= EVERY) {
            self.write();
        }
    }

    /// The end of the run.
    pub(super) fn end(&mut self, error: Option<&Error>) {
        self.status.state = match error {
            None => State::Finished,
            Some(Error::Stopped { .. }) => State::Stopped,
            Some(_) => State::Failed,
        };
        self.status.eta_seconds = None;
        self.status.why = error.map(ToString::to_string);
        self.write();
    }

    fn write(&mut self) {
        self.written = Some(Instant::now());
        self.status.updated = now();
        let _ = json::save(&self.status, &self.path);
    }
}
