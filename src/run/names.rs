//! The names of the files in a run directory.

pub use crate::model::FILE_NAME as MODEL;
/// The model of lists, beside that of ratings.
pub use crate::model::LISTS_FILE_NAME as LISTS;
/// Record of the run: command, input, device, results.
pub const RECORD: &str = "run.json";
/// Every setting; `train --config` with this file repeats the run.
pub const CONFIG: &str = "config.toml";
/// One line per epoch.
pub const METRICS: &str = "metrics.jsonl";
/// The best items of every user.
pub const TOP: &str = "top.csv";
/// The test ratings that were taken out of the training files.
pub const TEST: &str = "test.csv";
/// The held-out ratings of the search with their predictions, if there is no test.
pub const HELD_OUT: &str = "held-out.csv";
/// The report as a page.
pub const REPORT: &str = "report.html";
/// The current status of the run.
pub const STATUS: &str = "status.json";
/// The log of messages, with times.
pub const LOG: &str = "log.txt";
/// The checkpoints, from which a run resumes.
pub const CHECKPOINTS: &str = "checkpoints";
/// Locked while a process works on the run.
pub const LOCK: &str = "lock";
/// The list of the files that mfgpu wrote.
pub const LIST: &str = "mfgpu.files";
/// Holds a run until it is complete, in the directory of the run that it replaces. If there are several, the
/// others have a number behind it: `mfgpu.next-2`.
pub const NEXT: &str = "mfgpu.next";

/// The files that a run leaves, with the model last.
pub const OUTPUTS: [&str; 11] =
    [STATUS, LOG, METRICS, RECORD, TOP, TEST, HELD_OUT, REPORT, CONFIG, LISTS, MODEL];
/// The files that it needs besides.
pub const OWN: [&str; 2] = [LOCK, LIST];
/// The directories that a run fills.
pub const DIRECTORIES: [&str; 2] = [CHECKPOINTS, NEXT];

#[cfg(test)]
mod tests {
    /// A name that is added above belongs to one of the lists.
    #[test]
    fn every_name_is_listed() {
        let (names, _) = include_str!("names.rs").split_once("#[cfg(test)]").unwrap();
        let all = names.matches("pub const").count() + names.matches("pub use").count();
        // The lists themselves are three constants.
        assert_eq!(super::OUTPUTS.len() + super::OWN.len() + super::DIRECTORIES.len(), all - 3);
    }
}
