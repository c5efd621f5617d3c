//! `mfgpu report`.

use crate::signals;
use clap::Args;
use mfgpu::Result;
use mfgpu::run::{names, write_report};
use std::path::PathBuf;

/// Write the report of a run: a page to open in a browser
///
/// `train` and `resume` write it at their end. This writes it anew, from what the run left in its directory;
/// of a run that is on its way or was stopped it shows what is known so far. One file that loads nothing from
/// anywhere.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mfgpu report model\n  mfgpu report model -o monday.html")]
pub(crate) struct Report {
    /// The directory of the run
    run: PathBuf,
    /// File to write; `-` is standard output [default: report.html in the directory]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Report {
    /// Writes the report.
    pub(crate) fn run(&self) -> Result<()> {
        let out = self.output.clone().unwrap_or_else(|| self.run.join(names::REPORT));
        write_report(&self.run, || signals::sink(out), signals::token())
    }
}
