//! The checkpoints of a run: the newest two and the best are kept; a run resumes from the newest sound one.

use super::checkpoint_file::{Contents, Header, read, write};
use super::directory::RunDirectory;
use super::limits::Every;
use super::metrics::Metrics;
use crate::stop::Stop;
use crate::train::{Checkpoint, Epoch, Keeper, Step};
use crate::{Error, Result};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How many of the newest checkpoints are kept.
const NEWEST: usize = 2;

/// When training ends, one last checkpoint is written if more than this has passed since the previous one:
/// the tests and lists that follow could still fail.
const WORTH_KEEPING: Duration = Duration::from_secs(20);

/// Writes checkpoints when they are due.
pub(super) struct Checkpoints {
    directory: RunDirectory,
    pub(super) header: Header,
    every: Every,
    /// The log of the epochs, once training begins.
    pub(super) metrics: Option<Rc<RefCell<Metrics>>>,
    began: Instant,
    epochs: usize,
    /// The sound checkpoints in the directory by number, each with its held-out error.
    there: BTreeMap<u64, Option<f64>>,
    /// The highest number in the directory.
    last: u64,
    /// Requests to save and end, or to save and continue.
    stop: Stop,
}

impl Checkpoints {
    /// Numbering continues after the checkpoints in the directory.
    pub(super) fn new(directory: &RunDirectory, header: Header, every: Every, stop: &Stop) -> Result<Self> {
        let numbers = directory.checkpoints()?;
        let last = numbers.last().copied().unwrap_or(0);
        let there = numbers.into_iter().map(|number| (number, None)).collect();
        let (directory, stop) = (directory.clone(), stop.clone());
        let began = Instant::now();
        Ok(Self { directory, header, every, metrics: None, began, epochs: 0, there, last, stop })
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
        while let Some((&number, _)) = self.there.last_key_value() {
            let path = self.directory.checkpoint(number);
            match read(&path) {
                Ok(Contents { header, training }) => {
                    self.agrees(&path, &header)?;
                    return Ok(Some((header, training)));
                }
                Err(error @ Error::Damaged { .. }) => {
                    warn(&error);
                    first.get_or_insert(error);
                    // It does not count among the newest that are kept.
                    self.there.remove(&number);
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

    fn is_log_behind(&self) -> bool {
        self.metrics.as_ref().is_some_and(|metrics| metrics.borrow().is_behind())
    }

    /// Removes the checkpoints that are neither among the newest nor the best.
    fn prune(&mut self) -> Result<()> {
        let measured = self.there.iter().filter_map(|(&number, rmse)| rmse.map(|rmse| (number, rmse)));
        let best = measured.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(number, _)| number);
        let old: Vec<u64> = self.there.keys().rev().skip(NEWEST).copied().collect();
        for number in old.into_iter().filter(|&number| Some(number) != best) {
            self.directory.clear_checkpoint(number)?;
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
                // A log that cannot be written now is kept with what was trained.
                _ if step == Step::All => time >= WORTH_KEEPING || self.is_log_behind(),
                Every::Time(every) => time >= every,
                Every::Epochs(count) => step == Step::Epoch && self.epochs >= count,
                Every::Off => false,
            }
    }

    fn keep(&mut self, checkpoint: &Checkpoint<'_>) -> Result<()> {
        let held_out_rmse = checkpoint.last_epoch().and_then(Epoch::held_out_rmse);
        self.header.held_out_rmse = held_out_rmse;
        if let Some(metrics) = &self.metrics {
            self.header.metrics = metrics.borrow_mut().logged();
        }
        let number = self.last + 1;
        write(self.directory.writing_checkpoint(number)?, &self.header, checkpoint)?;
        self.last = number;
        self.there.insert(number, held_out_rmse);
        self.directory.replace_earlier()?;
        self.prune()?;
        (self.began, self.epochs) = (Instant::now(), 0);
        self.stop.check()
    }
}
