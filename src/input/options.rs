//! The options of a reader, and its report.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a file of ratings is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Detected from the first lines of each file.
    #[default]
    Auto,
    /// One row a line; the delimiter (comma, `;`, tab, `|`, space) is detected.
    Csv,
    /// One row a line, tabs between the columns.
    Tsv,
    /// `user::item::rating::timestamp`, or the tabs of the 100K set.
    Movielens,
    /// `item:` lines, each followed by `user,rating,date` lines.
    Netflix,
    /// Apache Parquet: columns with names and types.
    Parquet,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::Auto, Self::Csv, Self::Tsv, Self::Movielens, Self::Netflix, Self::Parquet];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Movielens => "movielens",
            Self::Netflix => "netflix",
            Self::Parquet => "parquet",
        }
    }
}

/// How a row that cannot be read is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BadRows {
    /// The first one ends the reading with an error.
    #[default]
    Error,
    /// It is left out and counted.
    Skip,
}

impl BadRows {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Error, Self::Skip];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Skip => "skip",
        }
    }
}

/// How several ratings of one item by one user are handled. One rating is left, at the position of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// The last one counts.
    #[default]
    Last,
    /// Their mean counts.
    Mean,
    /// The first one ends the reading with an error.
    Error,
}

impl Duplicates {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Last, Self::Mean, Self::Error];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Mean => "mean",
            Self::Error => "error",
        }
    }
}

/// How ratings are read. A column is a header name or a 1-based position; `None` is detected.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// The layout of the files.
    pub format: Format,
    /// The column of user ids.
    pub user_column: Option<String>,
    /// The column of item ids.
    pub item_column: Option<String>,
    /// The column of ratings.
    pub rating_column: Option<String>,
    /// The column of times.
    pub time_column: Option<String>,
    /// How rows that cannot be read are handled.
    pub bad_rows: BadRows,
    /// How several ratings of one item by one user are handled.
    pub duplicates: Duplicates,
}

/// The parts of every row that the caller needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Whether a row without a rating is bad; otherwise its value is 0.
    pub(super) ratings: bool,
    pub(super) bad_rows: BadRows,
    /// Whether times are read where there are some.
    pub(super) times: bool,
    /// Whether the lines of ratings will be asked for.
    pub(super) lines: bool,
}

/// The report on one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file as it was named; `-` is standard input.
    pub path: PathBuf,
    /// The layout that was found, in words; empty if the file is.
    pub layout: String,
    /// Ratings in it, before duplicates were merged.
    pub rows: u64,
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
    /// Ratings merged into an earlier one of the same user and item; `rows - duplicates` are left.
    pub duplicates: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_serde_writes() {
        fn name(value: impl Serialize) -> String {
            serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
        }
        assert!(Format::ALL.iter().all(|value| name(value) == value.name()));
        assert!(BadRows::ALL.iter().all(|value| name(value) == value.name()));
        assert!(Duplicates::ALL.iter().all(|value| name(value) == value.name()));
    }
}
