//! What is said to people, on stderr; nobody listening is no error. A run has it in its log, too.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

static LOG: OnceLock<Mutex<File>> = OnceLock::new();

/// Says a line.
pub(crate) fn say(line: &str) {
    log(line);
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes a line into the log only. A log that cannot be written is no reason to stop.
pub(crate) fn log(line: &str) {
    if let Some(Ok(mut file)) = LOG.get().map(Mutex::lock) {
        let plain: String =
            line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let _ = writeln!(file, "{} {plain}", mfgpu::run::now());
    }
}

/// From here on what is said is in a file, too, behind what it holds.
pub(crate) fn log_to(path: &Path) {
    if let Ok(file) = OpenOptions::new().append(true).create(true).open(path) {
        let _ = LOG.set(Mutex::new(file));
    }
}

/// `1 rating`, `2 ratings`, with commas between thousands.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", crate::show::human::thousands(number), if number == 1 { "" } else { "s" })
}
