//! `metrics.jsonl`: one JSON object an epoch, each on the disk as soon as it is known.

use crate::train::{Curve, Epoch, Phase};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The log of a run's epochs. It grows while the run goes on, so that it can be followed.
pub(super) struct Metrics {
    path: PathBuf,
    file: File,
    bytes: Rc<Cell<u64>>,
}

#[derive(Serialize)]
struct Line<'a> {
    phase: &'a str,
    #[serde(flatten)]
    epoch: &'a Epoch,
}

impl Metrics {
    /// Opens it to go on after its first `bytes`; what comes behind was not saved, and comes again.
    pub(super) fn open(path: &Path, bytes: &Rc<Cell<u64>>) -> Result<Self> {
        let open = || -> io::Result<File> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
            bytes.set(bytes.get().min(file.metadata()?.len()));
            file.set_len(bytes.get())?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        };
        let file = open().map_err(Error::write(path))?;
        Ok(Self { path: path.to_owned(), file, bytes: Rc::clone(bytes) })
    }

    pub(super) fn add(&mut self, phase: Phase, epoch: &Epoch) -> Result<()> {
        let line = Line { phase: phase_name(phase), epoch };
        let mut text = serde_json::to_string(&line).map_err(|error| Error::Bug(error.to_string()))?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(Error::write(&self.path))?;
        self.bytes.set(self.bytes.get() + text.len() as u64);
        Ok(())
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

/// The epochs of the model that is delivered: those of the search, or the draws, and those on all ratings.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Curves {
    pub(super) search: Curve,
    pub(super) refit: Curve,
}

#[derive(Deserialize)]
struct Read {
    phase: String,
    #[serde(flatten)]
    epoch: Epoch,
}

/// Reads `metrics.jsonl`, which may be growing; without it there are no epochs. Of epochs that were run again the last run
/// counts, and of folds the model that comes after them.
pub(super) fn read_curves(path: &Path) -> Result<Curves> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::read(path)(error)),
    };
    let mut curves = Curves::default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for (line, number) in whole.lines().zip(1..) {
        let wrong = |error: serde_json::Error| Error::Damaged {
            path: path.to_owned(),
            why: format!("line {number}: {error}"),
        };
        let Read { phase, epoch } = serde_json::from_str(line).map_err(wrong)?;
        let before = epoch.epoch.saturating_sub(1);
        let curve = match phase.as_str() {
            "race" => continue,
            "refit" => &mut curves.refit,
            _ => {
                curves.refit.epochs.clear();
                &mut curves.search
            }
        };
        curve.epochs.truncate(before);
        curve.epochs.push(epoch);
    }
    Ok(curves)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_run_of_an_epoch_counts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        assert_eq!(read_curves(&path).unwrap(), Curves::default());
        let line = |phase: &str, epoch: usize, rmse: f64| {
            format!(
                "{{\"phase\":\"{phase}\",\"epoch\":{epoch},\"train_rmse\":{rmse},\"held_out_rmse\":null,\"seconds\":1.0,\"ratings_per_second\":1.0}}\n"
            )
        };
        let lines = [
            // A fold, then the race, and an epoch that was rolled back.
            line("search", 1, 9.0),
            line("search", 2, 9.0),
            line("refit", 1, 9.0),
            line("race", 1, 9.0),
            line("search", 1, 1.0),
            line("search", 2, 8.0),
            line("search", 2, 2.0),
            line("refit", 1, 3.0),
        ];
        std::fs::write(&path, lines.concat() + "{\"phase\":\"ref").unwrap();
        let curves = read_curves(&path).unwrap();
        let errors = |curve: &Curve| curve.epochs.iter().map(|epoch| epoch.train_rmse).collect::<Vec<_>>();
        assert_eq!((errors(&curves.search), errors(&curves.refit)), (vec![1.0, 2.0], vec![3.0]));
        std::fs::write(&path, "{}\n").unwrap();
        assert_eq!(read_curves(&path).unwrap_err().exit_code(), 7);
    }
}
