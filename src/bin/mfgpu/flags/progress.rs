//! The flags that control how much a run reports.

use clap::{Args, ValueEnum};

/// How much a run reports.
#[derive(Debug, Args)]
pub(crate) struct ProgressArguments {
    /// How progress is shown [default: auto]
    #[arg(long, value_name = "HOW", env = "MFGPU_PROGRESS", hide_env = true, help_heading = "Run")]
    pub(crate) progress: Option<Show>,
    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Run")]
    pub(crate) quiet: bool,
    /// Say more: the epochs of the race too
    #[arg(short, long, help_heading = "Run")]
    pub(crate) verbose: bool,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Show {
    /// A bar on a terminal, lines elsewhere.
    Auto,
    /// A bar.
    Bar,
    /// A line an epoch.
    Plain,
    /// Nothing.
    None,
}
