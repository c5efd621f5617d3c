//! `mfgpu report`.

use crate::flags::paths::{Content, Output, Reads, Writes, reads, writes};
use crate::signals;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::Result;
use mfgpu::run::{names, page_of_run, write_report};
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
    #[arg(value_parser = reads(Content::Run), value_hint = AnyPath)]
    run: Reads,
    /// File to write; `-` is standard output [default: report.html in the directory]
    #[arg(short, long, value_name = "FILE", value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Option<Writes>,
}

impl Report {
    /// Writes the report.
    pub(crate) fn run(&self) -> Result<()> {
        let open = || match &self.output {
            Some(out) if **out != *self.page() => signals::sink(out),
            // The page in the directory is one of the files of the run.
            _ => page_of_run(&self.run),
        };
        write_report(&self.run, open, signals::token())
    }

    /// Whether the page in the directory is written.
    pub(crate) fn inside(&self) -> bool {
        self.output.is_none()
    }

    /// The page in the directory.
    pub(crate) fn page(&self) -> PathBuf {
        self.run.join(names::REPORT)
    }
}
