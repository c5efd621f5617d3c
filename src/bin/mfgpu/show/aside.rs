//! Lines above a bar, if there is one.

use crate::show::bar::Bar;
use crate::show::talk::{log, say};

/// Writes lines, from any thread, above a bar if there is one; if nothing is to be said, to the log alone.
pub(crate) struct Aside {
    pub(super) bar: Option<Bar>,
    pub(super) quiet: bool,
}

impl Aside {
    /// Writes a line.
    pub(crate) fn line(&self, line: &str) {
        match &self.bar {
            _ if self.quiet => log(line),
            Some(bar) => bar.aside(|| say(line)),
            None => say(line),
        }
    }
}
