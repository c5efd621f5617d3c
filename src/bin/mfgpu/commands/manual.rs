//! `mfgpu man`.

use crate::signals;
use clap::{Args, Command};
use mfgpu::files::Sink;
use mfgpu::{Error, Result};
use std::path::PathBuf;

/// Print the manual page, or write those of all commands
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mfgpu man | man -l -\n  mfgpu man --to ~/.local/share/man/man1")]
pub(crate) struct Manual {
    /// Directory for mfgpu.1 and a page for each command; it must be there
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

impl Manual {
    /// Prints or writes the pages of `command`, the whole command line.
    pub(crate) fn run(&self, command: Command) -> Result<()> {
        let mut command = command.disable_help_subcommand(true);
        command.build();
        let Some(directory) = &self.to else { return page(command, signals::sink("-")?) };
        for inner in command.get_subcommands() {
            let name = format!("mfgpu-{}", inner.get_name());
            let sink = signals::sink(directory.join(format!("{name}.1")))?;
            page(inner.clone().display_name(name), sink)?;
        }
        page(command, signals::sink(directory.join("mfgpu.1"))?)
    }
}

fn page(command: Command, mut sink: Sink) -> Result<()> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).map_err(Error::write(sink.path()))?;
    sink.put(&text)?;
    sink.commit()
}
