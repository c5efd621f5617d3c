//! `mfgpu man`.

use crate::flags::paths::{Output, Writes, writes};
use crate::signals;
use clap::{Args, Command, ValueHint::AnyPath};
use mfgpu::files::Sink;
use mfgpu::{Error, Result};
use std::path::{Path, PathBuf};

/// The name of the page of the whole program.
const WHOLE: &str = "mfgpu.1";

/// Print the manual page, or write those of all commands
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mfgpu man | man -l -\n  mfgpu man -o ~/.local/share/man/man1")]
pub(crate) struct Manual {
    /// Directory for mfgpu.1 and a page for each command; it must be there
    #[arg(short, long, alias = "to", value_name = "DIR")]
    #[arg(value_parser = writes(Output::Several), value_hint = AnyPath)]
    output: Option<Writes>,
}

impl Manual {
    /// Prints or writes the pages of `command`, the whole command line.
    pub(crate) fn run(&self, command: Command) -> Result<()> {
        let mut command = command.disable_help_subcommand(true);
        command.build();
        let Some(directory) = &self.output else { return page(command, signals::sink("-")?) };
        for inner in command.get_subcommands() {
            let sink = signals::sink(directory.join(file(inner)))?;
            page(inner.clone().display_name(format!("mfgpu-{}", inner.get_name())), sink)?;
        }
        page(command, signals::sink(directory.join(WHOLE))?)
    }

    /// The files that are written.
    pub(crate) fn files(&self, command: &Command) -> Option<(&Path, Vec<PathBuf>)> {
        let names = command.get_subcommands().map(file).chain([WHOLE.into()]);
        self.output.as_deref().map(|directory| (directory, names.map(|name| directory.join(name)).collect()))
    }
}

/// The name of the page of a command.
fn file(command: &Command) -> String {
    format!("mfgpu-{}.1", command.get_name())
}

fn page(command: Command, mut sink: Sink) -> Result<()> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).map_err(Error::write(sink.path()))?;
    sink.put(&text)?;
    sink.commit()
}
