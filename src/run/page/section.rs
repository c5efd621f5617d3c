//! The sections of the page.

use maud::Markup;

/// A section of the page, under a heading.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    pub(super) content: Markup,
}

impl Section {
    pub(super) fn new(id: &'static str, heading: &'static str, content: Markup) -> Self {
        Self { id, heading, content }
    }
}
