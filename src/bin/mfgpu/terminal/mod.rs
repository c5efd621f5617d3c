//! The one place where the program writes to standard output and standard error. What a model, a file or a file
//! name says reaches them without control characters; `tests/floors` checks that nobody goes around it.

mod clean;
mod colour;
mod output;
mod panics;
mod usage;

pub(crate) use clean::clean;
pub(crate) use colour::choose_colour;
pub(crate) use output::{sink, table};
pub(crate) use panics::{show_panics, what_it_said};
pub(crate) use usage::say_usage;

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

static SILENT: AtomicBool = AtomicBool::new(false);

/// Whether nothing is written to standard error from here on.
pub(crate) fn be_silent(silent: bool) {
    SILENT.store(silent, Relaxed);
}

/// Writes a line to standard error, whatever the text holds. A closed standard error is not an error.
pub(crate) fn say_line(line: &str) {
    if SILENT.load(Relaxed) {
        return;
    }
    let line = clean(line);
    let line = if colour::is_on() { colour::painted(&line) } else { line };
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// Whether people watch standard error.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
