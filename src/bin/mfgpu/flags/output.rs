//! The flags of every command that writes a table.

use crate::flags::named::named;
use crate::flags::paths::{Output, Writes, writes};
use crate::signals;
use crate::terminal;
use clap::{Args, ValueEnum, ValueHint::AnyPath};
use mfgpu::output::{Table, TableFormat, TableOptions, ending};
use mfgpu::{Error, Result};
use std::path::Path;

/// The destination and format of a table.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArguments {
    /// File to write: .csv, .jsonl or .parquet, text packed as .csv.zst [default: standard output]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    #[arg(value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Writes,
    #[command(flatten)]
    format: FormatArguments,
}

/// The format and compression of a table whose name does not determine them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArguments {
    /// Format of the table [default: what the ending of FILE says, else csv]
    #[arg(long, value_name = "FORMAT", value_parser = named(&TableFormat::ALL, TableFormat::name))]
    output_format: Option<TableFormat>,
    /// Pack what is written
    #[arg(long, value_name = "HOW")]
    compress: Option<Compress>,
    #[command(flatten)]
    safe: SafeArgument,
}

/// Whether csv is made safe for spreadsheets.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct SafeArgument {
    /// In csv, write ids and titles that a spreadsheet would take for formulas in quotes, after an apostrophe
    #[arg(long)]
    csv_safe: bool,
}

impl SafeArgument {
    /// Whether it was requested. Refuses it for a format that is not csv.
    pub(crate) fn of(&self, is_csv: bool) -> Result<bool> {
        if self.csv_safe && !is_csv {
            return Err(Error::Usage("--csv-safe is for csv; spreadsheets execute no other format".into()));
        }
        Ok(self.csv_safe)
    }
}

/// How to pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compress {
    /// Zstandard; in parquet, its pages.
    Zstd,
}

impl OutputArguments {
    /// Whether neither a file nor a format is named.
    pub(crate) fn is_plain(&self) -> bool {
        self.output.is_stdout() && self.format.named().is_none()
    }

    /// Opens the table.
    pub(crate) fn open(&self) -> Result<Box<dyn Table>> {
        self.format.table(&self.output)
    }
}

impl FormatArguments {
    /// The format of a table with this name.
    pub(crate) fn of(&self, path: &Path) -> Result<TableFormat> {
        if self.output_format.is_none() && ["npy", "safetensors", "json"].contains(&ending(path).as_str()) {
            let here = path.display();
            let found = ending(path);
            let like = if found == "json" { ", of which .jsonl is JSON, an object a row" } else { "" };
            return Err(Error::Usage(format!(
                "{here}: found .{found}, expected the name of a table, .csv, .jsonl or .parquet{like}; or any name \
                 with --output-format"
            )));
        }
        let format = self.output_format.or(TableFormat::of(path)).unwrap_or_default();
        self.safe.of(format == TableFormat::Csv)?;
        Ok(format)
    }

    /// Refuses what is for tables, since another kind of file is written.
    pub(crate) fn is_no_table(&self) -> Result<()> {
        self.safe.of(false).map(drop)
    }

    /// Whether compression was requested, by the flag alone.
    pub(crate) fn zstd(&self) -> bool {
        self.compress == Some(Compress::Zstd)
    }

    /// The format that was requested, by the flag alone.
    pub(crate) fn named(&self) -> Option<TableFormat> {
        self.output_format
    }

    /// Opens a table with this name.
    pub(crate) fn table(&self, path: &Path) -> Result<Box<dyn Table>> {
        let options = TableOptions { zstd: self.zstd(), csv_safe: self.safe.csv_safe };
        terminal::table(self.of(path)?, path, options, signals::token())
    }
}
