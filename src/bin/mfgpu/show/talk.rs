//! Messages to people on stderr. A closed stderr is not an error. During a run they also go to its log.

use mfgpu::files::File;
use mfgpu::run::RunDirectory;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

static LOG: OnceLock<Mutex<File>> = OnceLock::new();

/// Prints a line.
pub(crate) fn say(line: &str) {
    log(line);
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes a line to the log only. A failure to write is ignored.
pub(crate) fn log(line: &str) {
    if let Some(Ok(mut file)) = LOG.get().map(Mutex::lock) {
        let plain: String =
            line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let _ = writeln!(file, "{} {plain}", mfgpu::run::now());
    }
}

/// From now on, messages are also appended to the log of a run. A run without a log is better than none.
pub(crate) fn log_to(directory: &RunDirectory) {
    if let Ok(file) = directory.log() {
        let _ = LOG.set(Mutex::new(file));
    }
}

/// Formats a count with its noun, `1 rating`, `2 ratings`, and with commas between thousands.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", crate::show::human::thousands(number), if number == 1 { "" } else { "s" })
}
