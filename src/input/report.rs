//! The report of a reader.

use crate::ratings::Feedback;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The report on one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file as it was named; `-` is standard input.
    pub path: PathBuf,
    /// The layout that was found, in words; empty if the file is.
    pub layout: String,
    /// Which columns became users, items, values and times, and why, in words; empty where a layout has none.
    pub columns: String,
    /// Ratings in it, before duplicates were merged.
    pub rows: u64,
}

impl FileReport {
    /// A file of which nothing was read yet.
    pub(super) fn of(path: &Path, layout: String, columns: String) -> Self {
        Self { path: path.to_owned(), layout, columns, rows: 0 }
    }
}

/// The report on all files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReadReport {
    /// The files in the order they were read.
    pub files: Vec<FileReport>,
    /// Bytes of the files on disk, so packed if they are.
    pub bytes: u64,
    /// Ratings read, before duplicates were merged.
    pub rows: u64,
    /// Rows left out because they could not be read.
    pub skipped: u64,
    /// The first of them, as `file:line: what was found, what was expected`.
    pub first_skipped: Option<String>,
    /// Rows left out because their value stands for no rating.
    pub missing: u64,
    /// What is doubtful about what was read, in words.
    pub doubts: Vec<String>,
    /// Ratings merged into an earlier one of the same user and item; `rows - duplicates` are left.
    pub duplicates: u64,
    /// How duplicates were merged, in words; empty if there were none.
    pub merged: String,
    /// What the values of all files stand for.
    pub feedback: Feedback,
}
