//! `--new`: users and items that a model has never seen, from their ratings.

use crate::show::talk::{count, say};
use clap::Args;
use mfgpu::gpu::DeviceChoice;
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::model::Model;
use mfgpu::ratings::Dataset;
use mfgpu::run::Config;
use mfgpu::train::engine::Device;
use mfgpu::train::{Added, State, add_new};
use mfgpu::{Error, Result};
use std::path::{Path, PathBuf};

/// The flags of folding in.
#[derive(Debug, Args)]
#[command(next_help_heading = "New users and items")]
pub(crate) struct NewArguments {
    /// Ratings of users and items that the model does not know, which are folded in; `-` is standard input
    #[arg(long, value_name = "FILE")]
    new: Option<PathBuf>,
    #[arg(long, value_name = "DEVICE", env = "MFGPU_DEVICE", hide_env = true)]
    #[arg(help = format!("What folds them in, and makes lists: auto, cpu, gpu, gpu:N or name:TEXT [default: {}]", Config::default().device))]
    device: Option<DeviceChoice>,
    #[arg(long, value_name = "N", env = "MFGPU_SEED", hide_env = true)]
    #[arg(help = format!("Seed of new rows of a model of several draws [default: {}]", Config::default().training.seed))]
    seed: Option<u64>,
}

/// What `--new` brought.
pub(crate) struct New {
    /// What is in the file.
    pub(crate) data: Dataset,
    /// What of it is in the model now.
    pub(crate) added: Added,
    /// What folded it in.
    pub(crate) device: Device,
}

impl NewArguments {
    /// Folds the new rows into the model, if a file of them is named, and says what came of it.
    pub(crate) fn add(&self, model: &mut Model, options: &ReadOptions) -> Result<Option<New>> {
        let Some(path) = &self.new else { return Ok(None) };
        let defaults = Config::default();
        let mut device = Device::open(&self.device(), None)?;
        say(&format!("device: {}", device.description()));
        let (data, _) = read_ratings(std::slice::from_ref(path), options, &mut |_, _| {})?;
        let (low, high) = model.range;
        let outside = data.ratings.values.iter().filter(|&&value| value < low || value > high).count();
        if outside > 0 {
            let ratings = count(outside as u64, "rating");
            say(&format!("note: {ratings} outside the range of the model's own, {low} to {high}"));
        }
        let seed = self.seed.unwrap_or(defaults.training.seed);
        let mut open = |problem, state: &State| device.engine(problem, state);
        let added = add_new(model, &data, &mut open, seed)?;
        say(&format!("new: {} and {}", count(added.users as u64, "user"), count(added.items as u64, "item")));
        if added.unknown > 0 {
            let ratings = count(added.unknown as u64, "rating");
            say(&format!(
                "note: not used: {ratings} of users who rated nothing known, of items nobody known rated"
            ));
        }
        Ok(Some(New { data, added, device }))
    }

    /// The device that is asked for.
    pub(crate) fn device(&self) -> DeviceChoice {
        self.device.clone().unwrap_or_else(|| Config::default().device)
    }

    /// Refuses two files that are both standard input.
    pub(crate) fn check(&self, other: Option<&Path>) -> Result<()> {
        let stdin = |path: Option<&Path>| path.is_some_and(|path| path.as_os_str() == "-");
        if stdin(self.new.as_deref()) && stdin(other) {
            return Err(Error::Usage("two files are `-`; standard input can be read once".into()));
        }
        Ok(())
    }
}
