//! `mfgpu train`.

use crate::flags::train::TrainArguments;
use crate::show::progress::Progress;
use crate::show::summary::{say_device_memory, say_plan};
use crate::show::talk::{log, log_to};
use crate::signals;
use crate::steps::run::{command, finish, open};
use crate::threads::use_threads;
use clap::Args;
use mfgpu::run::{self, About, Config, Context, RunDirectory, names};
use mfgpu::{Error, Result};
use std::ops::ControlFlow;
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  mfgpu train ratings.csv
  mfgpu train --epochs 50 --factors 64 --test 0.1 --out model ratings.csv
  mfgpu train --folds 5 ratings.csv
  mfgpu train --config runs/20260101-120000-ratings/config.toml";

/// Fit a model to ratings and write a run directory
///
/// Chooses the device, finds out the format, holds out a slice of the ratings to choose the settings and to
/// stop in time, trains, and leaves the model, its metrics and top-N lists in a directory.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Train {
    #[command(flatten)]
    arguments: TrainArguments,
}

impl Train {
    /// Trains.
    pub(crate) fn run(&self, threads: Option<usize>) -> Result<()> {
        let arguments = &self.arguments;
        let config = arguments.resolve(threads)?;
        use_threads(config.threads)?;
        let mut device = open(&config, arguments.progress.quiet)?;
        let mut progress = Progress::new(&arguments.progress);
        if arguments.dry_run {
            let plan = run::plan(&config, signals::token(), &mut |event| {
                progress.show(event);
                ControlFlow::Continue(())
            })?;
            progress.finish();
            say_plan(&config, &plan);
            if let Some(on_device) = run::on_device(&device, &config, &plan) {
                say_device_memory(&on_device);
            }
            return Ok(());
        }
        let (directory, began) = self.directory(&config)?;
        let about = About { device: device.description().to_owned(), began, command: command() };
        let mut logged = false;
        let mut watch = |event: &run::RunEvent| {
            if !logged {
                // The log of an earlier run has been moved aside by now.
                log_to(&directory.file(names::LOG));
                logged = true;
                log(&format!("device: {}", about.device));
            }
            progress.show(event);
            ControlFlow::Continue(())
        };
        let mut context = Context { about: &about, device: &mut device, stop: signals::token() };
        let record = run::run(&config, &directory, &mut context, &mut watch);
        progress.finish();
        finish(&config, &directory, record, arguments.progress.quiet)
    }

    /// The directory of the run, and its start time.
    fn directory(&self, config: &Config) -> Result<(RunDirectory, String)> {
        let now = run::clock();
        let began = run::time_of_record(&now);
        let directory = if let Some(out) = &self.arguments.out {
            RunDirectory::create(out, self.arguments.force)?
        } else {
            let name = config.ratings[0].file_stem().unwrap_or_default().to_string_lossy();
            let name = if name == "-" { "stdin".into() } else { name };
            RunDirectory::create_unique(Path::new(""), &now.strftime("%Y%m%d-%H%M%S").to_string(), &name)?
        };
        if directory.path().to_str().is_none() {
            return Err(Error::Usage("--out: expected a directory whose name is text".into()));
        }
        Ok((directory, began))
    }
}
