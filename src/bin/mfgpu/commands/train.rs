//! `mfgpu train`.

use crate::flags::apart::{Source, Touched};
use crate::flags::train::TrainArguments;
use crate::show::progress::Progress;
use crate::show::summary::{say_device_memory, say_plan};
use crate::show::talk::{log, log_to, say};
use crate::signals;
use crate::steps::run::{answer_signals, command, finish, open};
use crate::steps::world::{World, together};
use crate::threads::use_threads;
use clap::Args;
use mfgpu::run::{self, About, Config, Context, RunDirectory};
use mfgpu::{Error, Result};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

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
    /// Trains, with the other processes of MPI if there are any.
    pub(crate) fn run(&self, threads: Option<usize>, touched: Touched) -> Result<()> {
        together(self.arguments.world.mpi.as_deref(), threads, |world| self.train(threads, touched, world))
    }

    fn train(&self, threads: Option<usize>, mut touched: Touched, world: Option<&mut World>) -> Result<()> {
        let arguments = &self.arguments;
        let config = arguments.resolve(threads)?;
        // A file of settings may name more of them than flags do.
        if let Some(path) = &arguments.config {
            let source = Source { flag: "--config", path };
            touched.reads(source, config.inputs());
            touched.reads_tables(source, config.tables().map(PathBuf::as_path));
            touched.check()?;
        }
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
        if directory.work() != directory.path() && !arguments.progress.quiet {
            let (work, home) = (directory.work().display(), directory.path().display());
            say(&format!(
                "note: {work} holds this run until it is complete; until then {home} stays as it is"
            ));
        }
        let about = About { device: device.description().to_owned(), began, command: command() };
        answer_signals(progress.aside());
        let mut logged = false;
        let mut watch = |event: &run::RunEvent| {
            if !logged {
                // By now it is known that nothing else has the name of the log.
                log_to(&directory);
                logged = true;
                log(&format!("device: {}", about.device));
            }
            progress.show(event);
            ControlFlow::Continue(())
        };
        let world = world.map(|world| world.of_run(arguments.progress.quiet));
        let mut context = Context { about: &about, device: &mut device, stop: signals::token(), world };
        let record = run::run(&config, &directory, &mut context, &mut watch);
        progress.finish();
        finish(&config, &directory, record, arguments.progress.quiet)
    }

    /// Whether the run makes a directory of its own below this one.
    pub(crate) fn names_its_directory(&self) -> bool {
        self.arguments.out.is_none()
    }

    /// The directory of the run, and its start time.
    fn directory(&self, config: &Config) -> Result<(RunDirectory, String)> {
        let now = run::clock();
        let began = run::time_of_record(&now);
        let directory = if let Some(out) = &self.arguments.out {
            if out.to_str().is_none() {
                return Err(Error::Usage("--out: expected a directory whose name is text".into()));
            }
            RunDirectory::create(out, self.arguments.force)?
        } else {
            let name = config.ratings[0].file_stem().unwrap_or_default().to_string_lossy();
            let name = if name == "-" { "stdin".into() } else { name };
            RunDirectory::create_unique(Path::new(""), &now.strftime("%Y%m%d-%H%M%S").to_string(), &name)?
        };
        Ok((directory, began))
    }
}
