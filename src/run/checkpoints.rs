//! The checkpoints of a run: the newest two and the best are kept; a run resumes from the newest sound one.

use super::checkpoint_file::{Contents, Header, read, write};
use super::limits::Every;
use crate::files::remove_directory;
use crate::stop::Stop;
use crate::train::{Checkpoint, Epoch, Keeper, Step};
use crate::{Error, Result};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The extension of checkpoint files.
const EXTENSION: &str = "checkpoint";

/// How many of the newest checkpoints are kept.
const NEWEST: usize = 2;

/// When training ends, one last checkpoint is written if more than this has passed since the previous one:
/// the tests and lists that follow could still fail.
const WORTH_KEEPING: Duration = Duration::from_secs(20);

/// Writes checkpoints when they are due.
pub(super) struct Checkpoints {
    directory: PathBuf,
    pub(super) header: Header,
    every: Every,
    /// Length of `metrics.jsonl` so far, in bytes.
    pub(super) metrics: Rc<Cell<u64>>,
    began: Instant,
    epochs: usize,
    /// The checkpoints in the directory by number, each with its held-out error.
    there: BTreeMap<u64, Option<f64>>,
    /// Requests to save and end, or to save and continue.
    stop: Stop,
}

impl Checkpoints {
    /// Opens the directory; numbering continues after the checkpoints in it.
    pub(super) fn new(directory: &Path, header: Header, every: Every, stop: &Stop) -> Result<Self> {
        fs::create_dir_all(directory).map_err(Error::write(directory))?;
        let there = list(directory)?.into_iter().map(|number| (number, None)).collect();
        let metrics = Rc::new(Cell::new(header.metrics));
        let (directory, stop) = (directory.to_owned(), stop.clone());
        Ok(Self { directory, header, every, metrics, began: Instant::now(), epochs: 0, there, stop })
    }

    /// Reads the newest sound checkpoint and reports damaged ones to `warn`. `None` if there are no
    /// checkpoints.
    ///
    /// # Errors
    /// [`Error::Damaged`] if none is sound, or if it belongs to other ratings, other settings, or another
    /// version.
    pub(super) fn newest(
        &mut self,
        warn: &mut dyn FnMut(&Error),
    ) -> Result<Option<(Header, Checkpoint<'static>)>> {
        let mut first = None;
        for number in self.there.keys().rev() {
            let path = file(&self.directory, *number);
            match read(&path) {
                Ok(Contents { header, training }) => {
                    self.agrees(&path, &header)?;
                    self.metrics.set(header.metrics);
                    return Ok(Some((header, training)));
                }
                Err(error @ Error::Damaged { .. }) => {
                    warn(&error);
                    first.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        first.map_or(Ok(None), Err)
    }

    /// Whether a checkpoint belongs to this run.
    fn agrees(&self, path: &Path, found: &Header) -> Result<()> {
        let own = &self.header;
        let why = if found.version != own.version {
            format!(
                "of mfgpu {}, this is {}; go on with that version, or train again",
                found.version, own.version
            )
        } else if found.data != own.data {
            "the ratings have changed since it was written; bring them back, or train again".into()
        } else if found.init_from != own.init_from {
            "the model it began from has changed since it was written; bring it back, or train again".into()
        } else if found.settings != own.settings {
            "config.toml has changed since it was written; bring it back, or train again".into()
        } else {
            return Ok(());
        };
        Err(Error::Damaged { path: path.to_owned(), why })
    }

    /// Removes all checkpoints of a directory.
    pub(super) fn clear(directory: &Path) -> Result<()> {
        remove_directory(directory)
    }

    /// Whether a directory holds any checkpoint.
    pub(super) fn any(directory: &Path) -> bool {
        list(directory).is_ok_and(|found| !found.is_empty())
    }

    /// Removes the checkpoints that are neither among the newest nor the best.
    fn prune(&mut self) -> Result<()> {
        let measured = self.there.iter().filter_map(|(&number, rmse)| rmse.map(|rmse| (number, rmse)));
        let best = measured.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(number, _)| number);
        let old: Vec<u64> = self.there.keys().rev().skip(NEWEST).copied().collect();
        for number in old.into_iter().filter(|&number| Some(number) != best) {
            let path = file(&self.directory, number);
            fs::remove_file(&path).map_err(Error::write(&path))?;
            self.there.remove(&number);
        }
        Ok(())
    }
}

impl Keeper for Checkpoints {
    fn due(&mut self, step: Step) -> bool {
        self.epochs += usize::from(step == Step::Epoch);
        let wished = self.stop.is_raised() || self.stop.take_save();
        let time = self.began.elapsed();
        wished
            || match self.every {
                _ if step == Step::All => time >= WORTH_KEEPING,
                Every::Time(every) => time >= every,
                Every::Epochs(count) => step == Step::Epoch && self.epochs >= count,
                Every::Off => false,
            }
    }

    fn keep(&mut self, checkpoint: &Checkpoint<'_>) -> Result<()> {
        let held_out_rmse = checkpoint.last_epoch().and_then(Epoch::held_out_rmse);
        (self.header.metrics, self.header.held_out_rmse) = (self.metrics.get(), held_out_rmse);
        let number = self.there.keys().next_back().map_or(1, |last| last + 1);
        write(&file(&self.directory, number), &self.header, checkpoint)?;
        self.there.insert(number, held_out_rmse);
        self.prune()?;
        (self.began, self.epochs) = (Instant::now(), 0);
        self.stop.check()
    }
}

fn file(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:06}.{EXTENSION}"))
}

/// The numbers of the checkpoints in a directory.
fn list(directory: &Path) -> Result<Vec<u64>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(Error::read(directory))? {
        let path = entry.map_err(Error::read(directory))?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let Some(number) = number.filter(|_| path.extension().is_some_and(|end| end == EXTENSION)) {
            found.push(number);
        }
    }
    Ok(found)
}
