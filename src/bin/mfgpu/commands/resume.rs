//! `mfgpu resume`.

use crate::flags::paths::{Content, Reads, reads};
use crate::flags::progress::ProgressArguments;
use crate::flags::world::WorldArguments;
use crate::show::progress::Progress;
use crate::show::talk::{log_to, say};
use crate::signals;
use crate::steps::run::{answer_signals, command, finish, open};
use crate::steps::world::{World, together};
use crate::threads::use_threads;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::Result;
use mfgpu::gpu::{Budget, DeviceChoice};
use mfgpu::run::{self, About, Config, Context, Every, Limit, RunDirectory, Status};
use std::ops::ControlFlow;

const MORE: &str = "\
The run resumes from its newest checkpoint, with the settings in its config.toml, and ends with the same \
model, byte for byte, as if it had never stopped, given the same device. A checkpoint that is damaged is \
passed over for the one before.";

/// Resume a run after a crash, a signal, or a power cut
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mfgpu resume runs/20260101-120000-ratings",
    after_long_help = format!("Examples:\n  mfgpu resume runs/20260101-120000-ratings\n\n{MORE}")
)]
pub(crate) struct Resume {
    /// The directory of the run
    #[arg(value_parser = reads(Content::Resumed), value_hint = AnyPath)]
    run: Reads,
    /// Another device than the run began on; the result is as good, but not the same to the bit
    #[arg(long, value_name = "DEVICE", env = "MFGPU_DEVICE", hide_env = true)]
    device: Option<DeviceChoice>,
    /// As so many ranks from here on; the result is the same
    #[arg(long, value_name = "N", env = "MFGPU_RANKS", hide_env = true)]
    ranks: Option<usize>,
    /// Memory of the GPU to use at most
    #[arg(long, value_name = "SIZE|PERCENT", env = "MFGPU_VRAM", hide_env = true)]
    vram: Option<Budget>,
    /// How often a checkpoint is written from here on, such as 10m, `5 epochs`, or off
    #[arg(long, value_name = "TIME|N epochs", env = "MFGPU_CHECKPOINT_EVERY", hide_env = true)]
    checkpoint_every: Option<Every>,
    /// End after so long from now with the best model there is
    #[arg(long, value_name = "TIME", env = "MFGPU_MAX_TIME", hide_env = true)]
    max_time: Option<Limit>,
    #[command(flatten)]
    world: WorldArguments,
    #[command(flatten)]
    progress: ProgressArguments,
}

impl Resume {
    /// Resumes the run, with the other processes of MPI if there are any.
    pub(crate) fn run(&self, threads: Option<usize>) -> Result<()> {
        together(self.world.mpi.as_deref(), threads, |world| self.resume(threads, world))
    }

    fn resume(&self, threads: Option<usize>, world: Option<&mut World>) -> Result<()> {
        let directory = RunDirectory::open(&self.run)?;
        if directory.is_finished() {
            say(&format!("{}: this run is finished, there is nothing to go on with", self.run.display()));
            return Ok(());
        }
        let status = Status::load(directory.work()).unwrap_or_default();
        let mut config = Config::of_run(directory.work())?;
        config.device = self.device.clone().unwrap_or(config.device);
        config.vram = self.vram.or(config.vram);
        // Processes are the ranks that they are.
        config.ranks = self.ranks.or(config.ranks.filter(|_| world.is_none()));
        config.checkpoint_every = self.checkpoint_every.unwrap_or(config.checkpoint_every);
        config.max_time = self.max_time.or(config.max_time);
        config.threads = threads.or(config.threads);
        use_threads(config.threads)?;
        log_to(&directory);
        let mut device = open(&config, self.progress.quiet)?;
        let began = if status.began.is_empty() { run::now() } else { status.began };
        let command = if status.command.is_empty() { command() } else { status.command };
        let about = About { device: device.description().to_owned(), began, command };
        let mut progress = Progress::new(&self.progress);
        answer_signals(progress.aside());
        let mut watch = |event: &run::RunEvent| {
            progress.show(event);
            ControlFlow::Continue(())
        };
        let world = world.map(|world| world.of_run(self.progress.quiet));
        let mut context = Context { about: &about, device: &mut device, stop: signals::token(), world };
        let record = run::resume(&config, &directory, &mut context, &mut watch);
        progress.finish();
        finish(&config, &directory, record, self.progress.quiet)
    }
}
