//! `metrics.jsonl`: one JSON object per epoch, written to disk as soon as it is known.

use crate::train::{Criterion, Curve, Epoch, Objective, Phase, Score};
use crate::{Error, Result};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The log of a run's epochs. It is appended to during the run, so that it can be followed.
pub(super) struct Metrics {
    /// What the model that is trained is for.
    pub(super) objective: Objective,
    path: PathBuf,
    file: File,
    bytes: Rc<Cell<u64>>,
}

/// An epoch as a line of the log: each score has a key with the name of its criterion, such as
/// `held_out_rmse`.
struct Line<'a> {
    objective: Objective,
    phase: Phase,
    epoch: &'a Epoch,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let Epoch { held_out, test, draws, learning_rate, .. } = self.epoch;
        let mut map = serializer.serialize_map(None)?;
        if self.objective == Objective::Lists {
            map.serialize_entry("objective", &self.objective)?;
        }
        map.serialize_entry("phase", self.phase.name())?;
        map.serialize_entry("epoch", &self.epoch.epoch)?;
        // Weighted errors of preferences are no errors of ratings.
        let error = if self.objective == Objective::Lists { "train_error" } else { "train_rmse" };
        map.serialize_entry(error, &self.epoch.train_rmse)?;
        let criterion = held_out.map_or(Criterion::Rmse, |score| score.criterion);
        map.serialize_entry(&key(HELD_OUT, criterion), &held_out.map(|score| score.value))?;
        if let Some(Score { criterion, value }) = test {
            map.serialize_entry(&key(TEST, *criterion), value)?;
        }
        if *draws > 0 {
            map.serialize_entry("draws", draws)?;
        }
        if let Some(rate) = learning_rate {
            map.serialize_entry("learning_rate", rate)?;
        }
        map.serialize_entry("seconds", &self.epoch.seconds)?;
        map.serialize_entry("ratings_per_second", &self.epoch.ratings_per_second)?;
        map.end()
    }
}

const HELD_OUT: &str = "held_out";
const TEST: &str = "test";

fn key(set: &str, criterion: Criterion) -> String {
    format!("{set}_{criterion}")
}

impl Metrics {
    /// Opens the log to continue after its first `bytes`. Later lines are cut off: they belong to epochs
    /// after the checkpoint, which run again.
    pub(super) fn open(path: &Path, bytes: &Rc<Cell<u64>>) -> Result<Self> {
        let open = || -> io::Result<File> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
            bytes.set(bytes.get().min(file.metadata()?.len()));
            file.set_len(bytes.get())?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        };
        let file = open().map_err(Error::write(path))?;
        Ok(Self { objective: Objective::Ratings, path: path.to_owned(), file, bytes: Rc::clone(bytes) })
    }

    pub(super) fn add(&mut self, phase: Phase, epoch: &Epoch) -> Result<()> {
        let line = Line { objective: self.objective, phase, epoch };
        let mut text = serde_json::to_string(&line).map_err(|error| Error::Bug(error.to_string()))?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(Error::write(&self.path))?;
        self.bytes.set(self.bytes.get() + text.len() as u64);
        Ok(())
    }
}

/// The epochs of the delivered model: those of the search or the chain, and those of the refit.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Curves {
    pub(super) search: Curve,
    pub(super) refit: Curve,
}

/// A parsed line.
#[derive(Deserialize)]
struct Read {
    #[serde(default = "of_ratings")]
    objective: Objective,
    phase: String,
    epoch: usize,
    #[serde(alias = "train_error")]
    train_rmse: f64,
    #[serde(default)]
    draws: usize,
    learning_rate: Option<f32>,
    seconds: f64,
    ratings_per_second: f64,
    #[serde(flatten)]
    scores: serde_json::Map<String, serde_json::Value>,
}

fn of_ratings() -> Objective {
    Objective::Ratings
}

impl Read {
    fn score(&self, set: &str) -> Option<Score> {
        self.scores.iter().find_map(|(key, value)| {
            let criterion = key.strip_prefix(set)?.strip_prefix('_')?.parse().ok()?;
            Some(Score { criterion, value: value.as_f64()? })
        })
    }

    fn epoch(&self) -> Epoch {
        let Self { epoch, train_rmse, draws, learning_rate, seconds, ratings_per_second, .. } = *self;
        let (held_out, test) = (self.score(HELD_OUT), self.score(TEST));
        Epoch { epoch, train_rmse, held_out, test, draws, learning_rate, seconds, ratings_per_second }
    }
}

/// Reads `metrics.jsonl`, which may still be growing; if it is missing, there are no epochs. Where an epoch
/// was run again the last run counts, and epochs of folds are dropped when the model after them begins. Returns
/// the curves of the model of ratings, and those of the model of lists if one is trained.
pub(super) fn read_curves(path: &Path) -> Result<(Curves, Option<Curves>)> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::read(path)(error)),
    };
    let (mut ratings, mut lists) = (Curves::default(), Curves::default());
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for (line, number) in whole.lines().zip(1..) {
        let wrong = |error: serde_json::Error| Error::Damaged {
            path: path.to_owned(),
            why: format!("line {number}: {error}"),
        };
        let read: Read = serde_json::from_str(line).map_err(wrong)?;
        let epoch = read.epoch();
        let before = epoch.epoch.saturating_sub(1);
        let curves = if read.objective == Objective::Lists { &mut lists } else { &mut ratings };
        let curve = match read.phase.as_str() {
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
    let trained = !lists.search.epochs.is_empty();
    Ok((ratings, trained.then_some(lists)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        let score = |value| Some(Score { criterion: Criterion::Rmse, value });
        let epoch = Epoch {
            epoch: 1,
            train_rmse: 0.9,
            held_out: score(1.25),
            test: score(1.5),
            draws: 3,
            learning_rate: Some(0.05),
            seconds: 2.0,
            ratings_per_second: 100.0,
        };
        let plain = Epoch { epoch: 2, held_out: None, test: None, draws: 0, learning_rate: None, ..epoch };
        let mut metrics = Metrics::open(&path, &Rc::default()).unwrap();
        [epoch, plain].iter().for_each(|epoch| metrics.add(Phase::Search, epoch).unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = [
            "{\"phase\":\"search\",\"epoch\":1,\"train_rmse\":0.9,\"held_out_rmse\":1.25,\"test_rmse\":1.5,\"draws\":3,\
             \"learning_rate\":0.05,\"seconds\":2.0,\"ratings_per_second\":100.0}",
            "{\"phase\":\"search\",\"epoch\":2,\"train_rmse\":0.9,\"held_out_rmse\":null,\"seconds\":2.0,\
             \"ratings_per_second\":100.0}",
        ];
        assert!(text.lines().eq(lines), "{text}");
        assert_eq!(read_curves(&path).unwrap().0.search.epochs, [epoch, plain]);
    }

    #[test]
    fn the_last_run_of_an_epoch_counts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        assert_eq!(read_curves(&path).unwrap().0, Curves::default());
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
        let curves = read_curves(&path).unwrap().0;
        let errors = |curve: &Curve| curve.epochs.iter().map(|epoch| epoch.train_rmse).collect::<Vec<_>>();
        assert_eq!((errors(&curves.search), errors(&curves.refit)), (vec![1.0, 2.0], vec![3.0]));
        std::fs::write(&path, "{}\n").unwrap();
        assert_eq!(read_curves(&path).unwrap_err().exit_code(), 7);
    }
}
