//! `metrics.jsonl`: one JSON object per epoch, written to disk as soon as it is known.

use super::directory::RunDirectory;
use super::names;
use crate::files::{File, own_read, read_own};
use crate::train::{Criterion, Curve, Epoch, Objective, Phase, Score};
use crate::{Error, Result};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// The log of a run's epochs. It is appended to during the run, so that it can be followed. A line that cannot
/// be written is no reason to end training: it is tried again with the next one.
pub(super) struct Metrics {
    /// What the model that is trained is for.
    pub(super) objective: Objective,
    path: PathBuf,
    file: File,
    /// How many bytes of the file survive a power cut.
    synced: u64,
    /// The lines behind them.
    lines: String,
    /// How many bytes of these lines are in the file.
    written: usize,
}

/// What a checkpoint keeps of the log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Logged {
    /// How many bytes of the file belong to the checkpoint.
    bytes: u64,
    /// The lines behind them that could not be written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    unwritten: String,
}

/// Where the log is resumed.
pub(super) enum From {
    /// Behind what a checkpoint keeps.
    Checkpoint(Logged),
    /// Behind the epochs of the model of lists, which are the first ones, since that model is finished.
    Ratings,
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
    /// Opens the log to continue it. Later lines are cut off: they belong to epochs that run again. Returns
    /// what is wrong with the file, if lines that should be there are lost.
    pub(super) fn open(directory: &RunDirectory, from: From) -> Result<(Self, Option<Error>)> {
        let path = directory.file(names::METRICS);
        let mut file = directory.growing(names::METRICS)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(Error::read(&path))?;
        let (wanted, lines) = match from {
            From::Checkpoint(Logged { bytes, unwritten }) => (bytes, unwritten),
            From::Ratings => (sound(&text, |line| line.objective == Objective::Lists), String::new()),
        };
        text.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        let synced = sound(&text, |_| true);
        let lost = (synced < wanted).then(|| Error::Damaged {
            path: path.clone(),
            why: format!("found {synced} bytes of epochs, expected {wanted}; the rest of them is lost"),
        });
        let mut this = Self { objective: Objective::Ratings, path, file, synced, lines, written: 0 };
        this.file.set_length(synced).map_err(Error::write(&this.path))?;
        // What cannot be written now is written with the next line.
        let _ = this.write();
        Ok((this, lost))
    }

    /// Adds an epoch.
    pub(super) fn add(&mut self, phase: Phase, epoch: &Epoch) {
        let line = Line { objective: self.objective, phase, epoch };
        if let Ok(text) = serde_json::to_string(&line) {
            self.lines += &(text + "\n");
            let _ = self.write();
        }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.written == 0 {
            // What is behind may be the half of a line that could not be written.
            self.file.set_length(self.synced)?;
        }
        let written = std::mem::take(&mut self.written);
        self.file.write_all(&self.lines.as_bytes()[written..])?;
        self.written = self.lines.len();
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let done = self.write().and_then(|()| self.file.sync());
        if done.is_ok() {
            self.synced += self.lines.len() as u64;
            self.lines.clear();
        }
        // After a failure nobody knows what is on the disk.
        self.written = 0;
        done
    }

    /// Brings all lines to the disk, as far as that is possible, and returns what there is to keep.
    pub(super) fn logged(&mut self) -> Logged {
        let _ = self.sync();
        Logged { bytes: self.synced, unwritten: self.lines.clone() }
    }

    /// Whether a line could not be written.
    pub(super) fn is_behind(&self) -> bool {
        self.written < self.lines.len()
    }

    /// Brings all lines to the disk.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(super) fn settle(&mut self) -> Result<()> {
        self.sync().map_err(Error::write(&self.path))
    }
}

/// The length of the whole lines that can be read, as long as `counts`.
fn sound(text: &[u8], counts: impl Fn(&Read) -> bool) -> u64 {
    let lines = text.split_inclusive(|&byte| byte == b'\n').take_while(|line| {
        line.ends_with(b"\n") && serde_json::from_slice(line).is_ok_and(|line: Read| counts(&line))
    });
    lines.map(|line| line.len() as u64).sum()
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

/// The epochs that `metrics.jsonl` tells of.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Epochs {
    /// Those of the model of ratings; none if only lists are trained.
    pub(super) ratings: Curves,
    /// Those of the model of lists, if one is trained.
    pub(super) lists: Option<Curves>,
    /// The first line that cannot be read; such lines are passed over.
    pub(super) unreadable: Option<usize>,
}

/// Reads `metrics.jsonl`, which may still be growing; if it is missing, there are no epochs. Where an epoch
/// was run again the last run counts, and epochs of folds are dropped when the model after them begins.
pub(super) fn read_curves(path: &Path) -> Result<Epochs> {
    let text = match read_own(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(own_read(path)(error)),
    };
    let mut epochs = Epochs::default();
    let mut lists = Curves::default();
    let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(&[][..], |end| &text[..end]);
    for (line, number) in whole.split(|&byte| byte == b'\n').zip(1..) {
        let Ok(read) = serde_json::from_slice::<Read>(line) else {
            // An empty file has one empty line.
            if !whole.is_empty() {
                epochs.unreadable.get_or_insert(number);
            }
            continue;
        };
        let epoch = read.epoch();
        let before = epoch.epoch.saturating_sub(1);
        let curves = if read.objective == Objective::Lists { &mut lists } else { &mut epochs.ratings };
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
    epochs.lists = (!lists.search.epochs.is_empty()).then_some(lists);
    Ok(epochs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_read_as_it_was_written() {
        let own = tempfile::tempdir().unwrap();
        let directory = RunDirectory::create(&own.path().join("run"), false).unwrap();
        let path = directory.file(names::METRICS);
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
        let open = |logged| Metrics::open(&directory, From::Checkpoint(logged)).unwrap();
        let (mut metrics, lost) = open(Logged::default());
        assert!(lost.is_none());
        [epoch, plain].iter().for_each(|epoch| metrics.add(Phase::Search, epoch));
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = [
            "{\"phase\":\"search\",\"epoch\":1,\"train_rmse\":0.9,\"held_out_rmse\":1.25,\"test_rmse\":1.5,\"draws\":3,\
             \"learning_rate\":0.05,\"seconds\":2.0,\"ratings_per_second\":100.0}",
            "{\"phase\":\"search\",\"epoch\":2,\"train_rmse\":0.9,\"held_out_rmse\":null,\"seconds\":2.0,\
             \"ratings_per_second\":100.0}",
        ];
        assert!(text.lines().eq(lines), "{text}");
        assert_eq!(read_curves(&path).unwrap().ratings.search.epochs, [epoch, plain]);

        // What comes behind a checkpoint runs again, and what could not be written is written then.
        let first = Logged { bytes: lines[0].len() as u64 + 1, unwritten: String::new() };
        assert_eq!(metrics.logged().bytes, text.len() as u64);
        assert!(open(first.clone()).1.is_none());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", lines[0]));
        let unwritten = Logged { unwritten: format!("{}\n", lines[1]), ..first };
        assert!(open(unwritten).1.is_none());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        // Lines that are lost are told of, and those before them stay.
        let all = Logged { bytes: text.len() as u64, unwritten: String::new() };
        for damaged in [text[..100].to_owned(), format!("{}\n{}", lines[0], "\0".repeat(lines[1].len() + 1))]
        {
            std::fs::write(&path, &damaged).unwrap();
            assert_eq!(open(all.clone()).1.unwrap().exit_code(), 7);
            let left = std::fs::read_to_string(&path).unwrap();
            assert!(left.is_empty() || left == format!("{}\n", lines[0]), "{left}");
        }
    }

    #[test]
    fn the_last_run_of_an_epoch_counts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        assert_eq!(read_curves(&path).unwrap(), Epochs::default());
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
        let curves = read_curves(&path).unwrap().ratings;
        let errors = |curve: &Curve| curve.epochs.iter().map(|epoch| epoch.train_rmse).collect::<Vec<_>>();
        assert_eq!((errors(&curves.search), errors(&curves.refit)), (vec![1.0, 2.0], vec![3.0]));
        let damaged = ["\0\0\0\n".to_owned(), "{}\n".to_owned(), line("search", 1, 4.0)].concat();
        std::fs::write(&path, damaged).unwrap();
        let epochs = read_curves(&path).unwrap();
        assert_eq!((errors(&epochs.ratings.search), epochs.unreadable), (vec![4.0], Some(1)));
    }
}
