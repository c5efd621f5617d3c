//! `mfgpu prepare`.

use crate::flags::input::InputArguments;
use crate::flags::paths::{Content, Output, Reads, Writes, plain, reads, writes};
use crate::flags::progress::ProgressArguments;
use crate::show::human;
use crate::show::progress::Progress;
use crate::show::talk::{count, say};
use crate::signals;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::gpu::Budget;
use mfgpu::input::ReadOptions;
use mfgpu::run::{Prepared, prepare};
use mfgpu::{Error, Result};
use std::ops::ControlFlow;

/// Read ratings once, into a file that later runs open at once
///
/// The set has the ratings with their ids, and their times where all are known; several ratings of a pair are merged as
/// asked. Wherever a command takes files of ratings it takes a set, too. A set may be larger than memory: `train` then
/// reads it from disk, a part at a time, and makes the same model.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mfgpu prepare ratings.csv -o ratings.mfr\n  mfgpu train ratings.mfr")]
pub(crate) struct Prepare {
    /// Files of ratings; `-` is standard input
    #[arg(required = true, value_name = "RATINGS", value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    ratings: Vec<Reads>,
    /// File to write, such as ratings.mfr
    #[arg(short, long, value_name = "SET", value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Writes,
    /// Memory to take at most, about, such as 2GiB, or 50% of what is available [default: 75%]
    ///
    /// The ids are always in memory. Ratings that do not fit the rest are sorted on the disk of the set.
    #[arg(long, value_name = "SIZE|PERCENT")]
    memory: Option<Budget>,
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    progress: ProgressArguments,
}

impl Prepare {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        if self.output.is_stdout() {
            return Err(Error::Usage("--output: a set is a file, and not written to standard output".into()));
        }
        let mut options = ReadOptions::default();
        self.input.over(&mut options);
        let mut progress = Progress::new(&self.progress);
        let to = (&*self.output, self.memory);
        let prepared = prepare(&plain(&self.ratings), &options, to, signals::token(), &mut |event| {
            progress.show(event);
            ControlFlow::Continue(())
        })?;
        let Prepared { ratings, size, timed, bytes, report } = prepared;
        progress.read(&report);
        progress.finish();
        if !self.progress.quiet {
            let times = if timed { "with times" } else { "without times" };
            say(&format!(
                "prepared: {} of {} and {}, {times}, {}",
                count(ratings, "rating"),
                count(size.users, "user"),
                count(size.items, "item"),
                human::size(bytes)
            ));
        }
        Ok(())
    }
}
