//! The first bytes of a text.

use std::path::Path;

/// A text whose layout is looked for.
#[derive(Clone, Copy)]
pub(in crate::input) struct Beginning<'a> {
    /// Its first bytes, whole lines if there is more.
    pub(in crate::input) sample: &'a [u8],
    pub(in crate::input) path: &'a Path,
    /// The line it starts at.
    pub(in crate::input) line: u64,
}

impl Beginning<'_> {
    /// `file:line` of a position.
    pub(super) fn place(&self, at: usize) -> String {
        let before = memchr::memchr_iter(b'\n', &self.sample[..at]).count() as u64;
        format!("{}:{}", self.path.display(), self.line + before)
    }
}
