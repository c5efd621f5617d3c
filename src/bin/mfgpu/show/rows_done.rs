//! The progress of a long table: a bar on a terminal, otherwise an occasional line without control
//! characters.

use crate::show::bar::Bar;
use crate::show::human::time;
use crate::show::talk::say;
use crate::terminal::is_watched;
use std::time::{Duration, Instant};

/// The time between two lines.
const EVERY: Duration = Duration::from_secs(10);

impl Drop for RowsDone {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.remove();
        }
    }
}

/// Shows how many rows are finished.
pub(crate) struct RowsDone {
    of: u64,
    bar: Option<Bar>,
    began: Instant,
    said: Instant,
}

impl RowsDone {
    /// Starts a display for this many rows.
    pub(crate) fn new(of: u64) -> Self {
        let look = "{wide_bar} {human_pos} of {human_len} rows, {eta} left";
        let bar = is_watched().then(|| Bar::of(of, look));
        let now = Instant::now();
        Self { of, bar, began: now, said: now }
    }

    /// Updates the display: this many rows are finished.
    pub(crate) fn show(&mut self, rows: u64) {
        match &self.bar {
            Some(bar) => bar.at(rows),
            None if self.said.elapsed() >= EVERY => {
                self.said = Instant::now();
                let seconds = self.began.elapsed().as_secs_f64();
                let left = time(seconds * (self.of - rows.min(self.of)) as f64 / rows.max(1) as f64);
                say(&format!("rows={rows} of={} seconds={seconds:.0} left={left}", self.of));
            }
            None => {}
        }
    }
}
