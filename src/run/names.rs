//! The names of the files in a run directory.

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
