//! `status.json`: the current status of a run, rewritten every few seconds.

use super::directory::{Lock, RunDirectory, home_of};
use super::event::RunEvent;
use super::now::now;
use super::progress::PhaseProgress;
use super::{json, names};
use crate::train::{Event, Objective, Score};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest time between two writes.
const EVERY: Duration = Duration::from_secs(3);

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Reading the ratings.
    #[default]
    Reading,
    /// Training.
    Training,
    /// Evaluating the model and writing files.
    Writing,
    /// Finished.
    Finished,
    /// Stopped; the run can be resumed.
    Stopped,
    /// Ended with an error.
    Failed,
    /// The process ended without a final status: it was killed, or the machine went down. This is never in
    /// the file.
    Died,
}

impl State {
    /// The state as one word.
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

/// The status of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Status {
    /// The current state.
    pub state: State,
    /// The version of the program.
    pub version: String,
    /// The command line that started the run.
    pub command: Vec<String>,
    /// When the run began, as local time with its offset.
    pub began: String,
    /// When this was written.
    pub updated: String,
    /// The device that trains.
    pub device: String,
    /// The process id.
    pub process: u32,
    /// The phase of training.
    pub phase: Option<String>,
    /// The last completed epoch of the phase.
    pub epoch: usize,
    /// The most epochs that the phase may take; in a race, those of the setting in this round.
    pub epochs: usize,
    /// In a race, the setting whose turn it is, from 1, and how many run in this round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<[usize; 2]>,
    /// The lowest held-out error of the phase, in rating units.
    pub best_held_out_rmse: Option<f64>,
    /// The best held-out score of the phase, by the criterion that decides.
    #[serde(default)]
    pub best_held_out: Option<Score>,
    /// What the model that is trained is for.
    #[serde(default)]
    pub objective: Option<Objective>,
    /// Estimated time left in the phase, in seconds, at most.
    pub eta_seconds: Option<f64>,
    /// Why the run ended, if it did not finish.
    pub why: Option<String>,
}

impl Status {
    /// Reads the status of the run in a directory.
    ///
    /// # Errors
    /// [`Error::Read`] if there is no run; [`Error::Damaged`] if the file does not hold a status.
    pub fn load(directory: &Path) -> Result<Self> {
        let mut status: Self = json::load(&directory.join(names::STATUS))?;
        let goes_on = matches!(status.state, State::Reading | State::Training | State::Writing);
        if directory.join(names::MODEL).exists() {
            // The model is written last, whatever happened to the status.
            status.state = State::Finished;
        } else if goes_on && !Lock::is_held(home_of(directory).unwrap_or(directory)) {
            status.state = State::Died;
        }
        Ok(status)
    }

    /// Updates the status from an event. Returns whether the change should be written at once.
    fn hear(&mut self, event: &RunEvent) -> bool {
        match event {
            RunEvent::Training(Event::Begin { phase, .. }) => {
                (self.state, self.phase) = (State::Training, Some(phase.name().into()));
                (self.best_held_out_rmse, self.best_held_out) = (None, None);
                true
            }
            RunEvent::Objective { objective, .. } => {
                self.objective = Some(*objective);
                true
            }
            RunEvent::Training(Event::Epoch { epoch, .. }) => {
                let best = self.best_held_out_rmse.into_iter().chain(epoch.held_out_rmse());
                self.best_held_out_rmse = best.reduce(f64::min);
                self.best_held_out =
                    self.best_held_out.into_iter().chain(epoch.held_out).min_by(Score::order);
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

/// Keeps the file up to date. A failure to write it does not end the run.
pub(super) struct Reporter {
    directory: RunDirectory,
    pub(super) status: Status,
    progress: PhaseProgress,
    written: Option<Instant>,
}

impl Reporter {
    pub(super) fn new(directory: &RunDirectory, status: Status) -> Self {
        let mut this =
            Self { directory: directory.clone(), status, progress: PhaseProgress::default(), written: None };
        this.write();
        this
    }

    pub(super) fn hear(&mut self, event: &RunEvent) {
        if let RunEvent::Training(event) = event {
            self.progress.hear(event);
            let PhaseProgress { setting, epoch, epochs, .. } = self.progress;
            (self.status.setting, self.status.epoch, self.status.epochs) = (setting, epoch, epochs);
            self.status.eta_seconds = self.progress.left().map(|left| left.most);
        }
        let news = self.status.hear(event);
        if news || self.written.is_none_or(|written| written.elapsed() >= EVERY) {
            self.write();
        }
    }

    /// Writes the final status.
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
        let _ = self.directory.rewriting(names::STATUS).and_then(|file| json::save(&self.status, file));
    }
}
