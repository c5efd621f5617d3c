//! `mfgpu completions`.

use crate::arguments::Cli;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use mfgpu::Result;
use mfgpu::files::Sink;

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  source <(mfgpu completions bash)")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints.
    pub(crate) fn run(&self) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "mfgpu", &mut script);
        let mut out = Sink::open("-")?;
        out.put(&script)?;
        out.commit()
    }
}
