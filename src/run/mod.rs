//! A run: from files of ratings to a directory with the model, its metrics and its lists.

mod config;
mod device;
mod directory;
mod event;
mod folds;
mod held_out;
mod metrics;
mod plan;
mod record;
mod report;
mod session;
mod slice;
mod write;

pub use config::Config;
pub use device::opener;
pub use directory::RunDirectory;
pub use event::{Observe, RunEvent};
pub use plan::Plan;
pub use record::{Input, Record};
pub use report::Report;
pub use session::{plan, run};
pub use slice::Slice;

/// The names of the files in a run directory.
pub mod names {
    pub use crate::model::FILE_NAME as MODEL;
    /// What was run, on what, and what came of it.
    pub const RECORD: &str = "run.json";
    /// Every setting; `train --config` repeats the run.
    pub const CONFIG: &str = "config.toml";
    /// A line an epoch.
    pub const METRICS: &str = "metrics.jsonl";
    /// The best items of every user.
    pub const TOP: &str = "top.csv";
    /// The ratings that were set aside to measure the model by.
    pub const TEST: &str = "test.csv";
}
