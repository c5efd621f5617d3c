//! The flags of commands that fold in new users and items.

use crate::flags::paths::{Content, Reads, reads};
use clap::{Args, ValueHint::AnyPath};
use mfgpu::gpu::DeviceChoice;
use mfgpu::run::Config;
use mfgpu::{Error, Result};
use std::path::Path;

/// The flags of folding in.
#[derive(Debug, Args)]
#[command(next_help_heading = "New users and items")]
pub(crate) struct NewArguments {
    /// Ratings of users and items that the model does not know, which are folded in; `-` is standard input
    #[arg(long, value_name = "FILE", value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    pub(crate) new: Option<Reads>,
    #[arg(long, value_name = "DEVICE", env = "MFGPU_DEVICE", hide_env = true)]
    #[arg(help = format!("What folds them in, and makes lists: auto, cpu, gpu, gpu:N or name:TEXT [default: {}]", Config::default().device))]
    device: Option<DeviceChoice>,
    #[arg(long, value_name = "N", env = "MFGPU_SEED", hide_env = true)]
    #[arg(help = format!("Seed of new rows of a model of several draws [default: {}]", Config::default().training.seed))]
    seed: Option<u64>,
}

impl NewArguments {
    /// The chosen device.
    pub(crate) fn device(&self) -> DeviceChoice {
        self.device.clone().unwrap_or_else(|| Config::default().device)
    }

    /// The chosen seed.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| Config::default().training.seed)
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
