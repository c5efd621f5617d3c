//! A run: from files of ratings to a directory with the model, its metrics and its lists.

mod checkpoint_file;
mod checkpoints;
mod config;
mod device;
mod directory;
mod event;
mod folds;
mod held_out;
mod json;
mod limits;
mod lock;
mod metrics;
mod page;
mod plan;
mod record;
mod report;
mod residuals;
mod session;
mod slice;
mod status;
mod time_left;
mod warm;
mod write;

pub use checkpoint_file::read_checkpoint;
pub use config::{Config, Fallback};
pub use device::{gpu_for_lists, on_device, opener};
pub use directory::RunDirectory;
pub use event::{Observe, RunEvent};
pub use limits::{Every, Limit};
pub use page::write_report;
pub use plan::{OnDevice, Plan};
pub use record::{Input, Record};
pub use report::Report;
pub use session::{About, plan, resume, run};
pub use slice::Slice;
pub use status::{State, Status};
pub use warm::{InitFrom, algorithm_of};

/// Local time with its offset.
pub fn now() -> String {
    jiff::ZonedDateTime::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

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
    /// The ratings that the search held out, with its predictions, where no test was set aside.
    pub const HELD_OUT: &str = "held-out.csv";
    /// All of it as a page to read.
    pub const REPORT: &str = "report.html";
    /// How the run stands.
    pub const STATUS: &str = "status.json";
    /// What was said, with the time.
    pub const LOG: &str = "log.txt";
    /// What it takes to go on.
    pub const CHECKPOINTS: &str = "checkpoints";
    /// Locked while a process works on the run.
    pub const LOCK: &str = "lock";
    /// Where the files of a finished run are while another one replaces it.
    pub const PREVIOUS: &str = "previous";
}
