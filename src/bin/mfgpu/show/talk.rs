//! Messages to people on stderr. A closed stderr is not an error. During a run they also go to its log.

use crate::terminal::{clean, say_line};
use mfgpu::files::File;
use mfgpu::run::RunDirectory;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

static LOG: OnceLock<Mutex<File>> = OnceLock::new();

/// Prints a message as one line, without control characters.
pub(crate) fn say(line: &str) {
    log(line);
    say_line(line);
}

/// Writes a line to the log only. A failure to write is ignored.
pub(crate) fn log(line: &str) {
    if let Some(Ok(mut file)) = LOG.get().map(Mutex::lock) {
        let _ = writeln!(file, "{} {}", mfgpu::run::now(), clean(line));
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
