//! The flags of commands that print a short table: for people, unless a format for programs is asked for.

use crate::flags::named::named;
use crate::flags::paths::{Output, Writes, writes};
use clap::{Args, ValueHint::AnyPath};
use mfgpu::output::{TableFormat, ending};
use std::path::Path;

/// The destination and format of a short table.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ListingArguments {
    /// Print JSON in place of a table for people
    #[arg(long, conflicts_with = "output_format")]
    json: bool,
    /// File to write: .csv, .jsonl, .parquet or .json, anything else a table for people [default: standard
    /// output]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    #[arg(value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Writes,
    /// Format of the table [default: what the ending of FILE says, else one for people]
    #[arg(long, value_name = "FORMAT", value_parser = named(&TableFormat::ALL, TableFormat::name))]
    output_format: Option<TableFormat>,
}

/// How a short table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// Aligned columns.
    People,
    /// An array of objects.
    Json,
    /// A table for programs.
    Table(TableFormat),
}

impl ListingArguments {
    /// Where it goes.
    pub(crate) fn path(&self) -> &Path {
        &self.output
    }

    /// How it is written.
    pub(crate) fn how(&self) -> Listing {
        let named = self.output_format.or(TableFormat::of(&self.output));
        match named {
            _ if self.json => Listing::Json,
            Some(format) => Listing::Table(format),
            None if ending(&self.output) == "json" => Listing::Json,
            None => Listing::People,
        }
    }
}
