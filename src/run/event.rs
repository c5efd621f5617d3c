//! What a run tells whoever watches. The library never prints.

use super::plan::Plan;
use super::record::InitFrom;
use super::slice::Slice;
use crate::Error;
use crate::eval::Evaluation;
use crate::input::ReadReport;
use crate::train::{Event, Phase};
use std::ops::ControlFlow;

/// What a run tells.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunEvent<'a> {
    /// So many bytes and ratings were read so far.
    Reading {
        /// Bytes of the files.
        bytes: u64,
        /// Ratings in them.
        ratings: u64,
    },
    /// All was read.
    Read {
        /// What was found in the files.
        report: &'a ReadReport,
        /// How large the run will be.
        plan: Plan,
    },
    /// Ratings were set aside by time.
    SetAside {
        /// The setting that names them: `test` or `valid`.
        setting: &'static str,
        /// Which.
        slice: &'a Slice,
        /// How many.
        ratings: u64,
        /// Whether their times are known; otherwise the order of the file counts.
        timed: bool,
    },
    /// Ratings of the file to stop by were dropped since their user or item has no rating to train on.
    Dropped {
        /// How many.
        ratings: u64,
    },
    /// The run begins from a model.
    Begun {
        /// Which, and what it knows.
        from: &'a InitFrom,
        /// How many users and items there are.
        of: [usize; 2],
    },
    /// Some of the ratings that are set aside the model to begin from has learnt from: errors on them are too low.
    Learnt {
        /// The setting that names them: `test` or `valid`.
        setting: &'static str,
        /// How many of them; `None` if the model does not say which ratings it has learnt from.
        ratings: Option<u64>,
    },
    /// A fold begins.
    Fold {
        /// Which, from 1.
        number: u8,
        /// Of how many.
        of: u8,
        /// Ratings of the other folds, to train on.
        ratings: u64,
        /// Ratings of this fold, to measure by.
        test: u64,
    },
    /// A fold is over.
    Folded {
        /// Which, from 1.
        number: u8,
        /// Of how many.
        of: u8,
        /// The model of the other folds on this one.
        evaluation: &'a Evaluation,
    },
    /// A checkpoint is not sound, and the one before is looked at.
    Damaged {
        /// Which, and what is wrong with it.
        error: &'a Error,
    },
    /// The run goes on from a checkpoint; from the beginning where there is none.
    Resumed {
        /// The phase of training and the last epoch that was completed in it; `None` when all is trained.
        from: Option<(Phase, usize)>,
        /// Whether there is a checkpoint.
        found: bool,
        /// The device of the run before, if it was another one.
        other_device: Option<&'a str>,
    },
    /// Training says something.
    Training(&'a Event),
    /// The files are being written.
    Writing,
}

/// Who watches a run; to break is to end training with what it has.
pub type Observe<'a> = dyn FnMut(&RunEvent) -> ControlFlow<()> + 'a;
