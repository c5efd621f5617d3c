//! The events of a run, for an observer. The library never prints.

use super::overlap::Shared;
use super::plan::Plan;
use super::record::InitFrom;
use super::slice::Slice;
use crate::Error;
use crate::eval::Evaluation;
use crate::input::ReadReport;
use crate::train::{Event, Objective, Phase};
use std::ops::ControlFlow;

/// An event of a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunEvent<'a> {
    /// Progress of reading.
    Reading {
        /// Bytes read so far.
        bytes: u64,
        /// Ratings read so far.
        ratings: u64,
    },
    /// All ratings were read.
    Read {
        /// A summary of the files.
        report: &'a ReadReport,
        /// The size of the run.
        plan: Plan,
    },
    /// Ratings were set aside by their times.
    SetAside {
        /// The setting: `test` or `valid`.
        setting: &'static str,
        /// The slice that was set aside.
        slice: &'a Slice,
        /// The number of ratings in it.
        ratings: u64,
        /// Whether the ratings have times; if not, their order in the file was used.
        timed: bool,
    },
    /// Validation ratings of a file were dropped because their user or item has no training ratings.
    Dropped {
        /// The number of ratings that were dropped.
        ratings: u64,
    },
    /// A file of test or validation ratings has pairs that are in the training files, too.
    Shared {
        /// The setting: `test` or `valid`.
        setting: &'static str,
        /// How many, and whether they are left out of training.
        shared: &'a Shared,
    },
    /// The run starts from a model.
    Begun {
        /// The model, and how many users and items of this run it knows.
        from: &'a InitFrom,
        /// The number of users and of items in this run.
        of: [usize; 2],
    },
    /// The starting model was trained on some of the ratings that are set aside, so errors on them are too
    /// low.
    TrainedOn {
        /// The setting: `test` or `valid`.
        setting: &'static str,
        /// The number of those ratings; `None` if the model does not record which ratings it was trained on.
        ratings: Option<u64>,
    },
    /// A fold begins.
    Fold {
        /// The number of the fold, from 1.
        number: u8,
        /// The number of folds.
        of: u8,
        /// Training ratings: those of the other folds.
        ratings: u64,
        /// Test ratings: those of this fold.
        test: u64,
    },
    /// A fold is finished.
    Folded {
        /// The number of the fold, from 1.
        number: u8,
        /// The number of folds.
        of: u8,
        /// The evaluation on this fold.
        evaluation: &'a Evaluation,
    },
    /// A checkpoint is damaged; the one before it is tried.
    Damaged {
        /// The file and the damage.
        error: &'a Error,
    },
    /// Lines of the log of epochs that belong to the checkpoint are lost; the model is the same without them.
    Lost {
        /// The file and the damage.
        error: &'a Error,
    },
    /// The run resumes from a checkpoint, or from the beginning if there is none.
    Resumed {
        /// The phase of training and its last completed epoch; `None` when training was complete.
        from: Option<(Phase, usize)>,
        /// Whether there was a checkpoint.
        found: bool,
        /// The previous device, if the run used another one.
        other_device: Option<&'a str>,
    },
    /// Several processes train together, and have read the same.
    Ranks {
        /// Their number.
        count: usize,
        /// The number of machines they are on.
        hosts: usize,
        /// What may make them slower, or their results unlike.
        warnings: &'a [String],
    },
    /// The training of a model begins.
    Objective {
        /// What the model is for.
        objective: Objective,
        /// What is done with the values of the ratings, for lists.
        how: Option<String>,
    },
    /// An event of training.
    Training(&'a Event),
    /// The result files are being written.
    Writing,
}

/// Observes a run; returning `Break` ends training with the best model so far.
pub type Observe<'a> = dyn FnMut(&RunEvent) -> ControlFlow<()> + 'a;
