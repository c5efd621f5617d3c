//! `mfgpu completions`.

use crate::signals;
use clap::{Args, Command};
use clap_complete::Shell;
use mfgpu::Result;

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  source <(mfgpu completions bash)")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the completions of `command`, the whole command line.
    pub(crate) fn run(&self, mut command: Command) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "mfgpu", &mut script);
        let mut out = signals::sink("-")?;
        out.put(&script)?;
        out.commit()
    }
}
