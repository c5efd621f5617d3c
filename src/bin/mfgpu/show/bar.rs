//! A progress bar on standard error. Its texts are cleaned.

use crate::terminal::clean;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar. Clones are the same bar.
#[derive(Clone)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar of unknown length.
    pub(crate) fn spinner(template: &str) -> Self {
        Self(ProgressBar::new_spinner()).styled(template)
    }

    /// A bar for so many steps.
    pub(crate) fn of(steps: u64, template: &str) -> Self {
        Self(ProgressBar::new(steps)).styled(template)
    }

    fn styled(self, template: &str) -> Self {
        self.style(template);
        self
    }

    /// Changes how it looks.
    pub(crate) fn style(&self, template: &str) {
        let style = ProgressStyle::with_template(template);
        self.0.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    }

    /// Begins again, with so many steps.
    pub(crate) fn begin(&self, steps: u64) {
        self.0.reset();
        self.0.set_length(steps);
    }

    /// Moves to a step.
    pub(crate) fn at(&self, step: u64) {
        self.0.set_position(step);
    }

    /// Says what is done.
    pub(crate) fn what(&self, what: &str) {
        self.0.set_prefix(clean(what).into_owned());
    }

    /// Says more about it.
    pub(crate) fn more(&self, more: &str) {
        self.0.set_message(clean(more).into_owned());
    }

    /// Draws it now.
    pub(crate) fn draw(&self) {
        self.0.tick();
    }

    /// Takes it away while lines are written.
    pub(crate) fn aside(&self, write: impl FnOnce()) {
        self.0.suspend(write);
    }

    /// Removes it.
    pub(crate) fn remove(&self) {
        self.0.finish_and_clear();
    }
}
