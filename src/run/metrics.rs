//! `metrics.jsonl`: one JSON object an epoch, each on the disk as soon as it is known.

use crate::train::{Epoch, Phase};
use crate::{Error, Result};
use serde::Serialize;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The log of a run's epochs. It grows while the run goes on, so that it can be followed.
pub(super) struct Metrics {
    path: PathBuf,
    file: File,
}

#[derive(Serialize)]
struct Line<'a> {
    phase: &'a str,
    #[serde(flatten)]
    epoch: &'a Epoch,
}

impl Metrics {
    pub(super) fn create(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), file: File::create(path).map_err(Error::write(path))? })
    }

    pub(super) fn add(&mut self, phase: Phase, epoch: &Epoch) -> Result<()> {
        let line = Line { phase: phase_name(phase), epoch };
        let mut text = serde_json::to_string(&line).map_err(|error| Error::Bug(error.to_string()))?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(Error::write(&self.path))
    }
}

/// A phase in one word.
pub(super) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Race => "race",
        Phase::Search => "search",
        Phase::Refit => "refit",
        Phase::Sample => "sample",
    }
}
