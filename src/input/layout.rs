//! The layout of a text file: how fields are separated, how rows are arranged, and what each field means.

use super::value::Reading;
use std::sync::Arc;

/// A row of a file, as its fields.
pub(super) type Row = Vec<Vec<u8>>;

/// What quotes around a field mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Nothing.
    None,
    /// The field may hold delimiters; a quote inside is written twice.
    Doubled,
    /// As before, and a backslash before a quote inside makes it an ordinary character.
    Escaped,
}

/// How the fields of a row are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// One byte between fields.
    Delimited { delimiter: u8, quotes: Quotes },
    /// Any number of blanks and tabs between fields, and before the first.
    Blanks,
    /// `::` between fields.
    DoubleColon,
    /// `item:` lines, each followed by `user,rating,date` lines.
    Netflix,
    /// JSON objects, or arrays: one a line, or with commas or nothing between them.
    Json { lines: bool },
}

/// A delimiter, and what quotes mean beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoting {
    pub(super) delimiter: u8,
    pub(super) escaped: bool,
}

impl Dialect {
    /// How fields are quoted, if they may be.
    pub(super) fn quoting(self) -> Option<Quoting> {
        match self {
            Self::Delimited { delimiter, quotes: Quotes::Doubled } => {
                Some(Quoting { delimiter, escaped: false })
            }
            Self::Delimited { delimiter, quotes: Quotes::Escaped } => {
                Some(Quoting { delimiter, escaped: true })
            }
            _ => None,
        }
    }

    /// The description for people.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Delimited { delimiter, quotes } => {
                let between = match delimiter {
                    b'\t' => "tabs".to_owned(),
                    b' ' => "spaces".to_owned(),
                    other => format!("delimiter `{}`", other as char),
                };
                let escaped = if quotes == Quotes::Escaped { ", backslashes before quotes" } else { "" };
                format!("{between}{escaped}")
            }
            Self::Blanks => "blanks".into(),
            Self::DoubleColon => "delimiter `::`".into(),
            Self::Netflix => "Netflix Prize".into(),
            Self::Json { lines: true } => "JSON lines".into(),
            Self::Json { lines: false } => "JSON".into(),
        }
    }
}

/// The positions of the fields of a row, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Columns {
    pub(super) user: usize,
    pub(super) item: usize,
    /// The values; `None` in a table of pairs.
    pub(super) rating: Option<usize>,
    /// The time of the rating, if it is wanted and known.
    pub(super) time: Option<usize>,
    /// How many fields every row has.
    pub(super) width: usize,
}

/// A table of a row a user, and a column an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wide {
    /// The column of the ids of rows; without one they are numbers from 1.
    pub(super) id: Option<usize>,
    /// The columns of ratings, and their ids.
    pub(super) cells: Vec<(usize, Vec<u8>)>,
    /// Whether rows are items, and columns users.
    pub(super) turned: bool,
    /// How many fields every row has.
    pub(super) width: usize,
    /// The line of the first row.
    pub(super) first: u64,
}

/// How rows are arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// A rating a row.
    Long(Columns),
    /// As before, from fields with names: those of the columns.
    Named(Columns, Vec<Vec<u8>>),
    Wide(Wide),
    /// An `item:` line, and then its ratings.
    Headed,
    /// A user a row, and then its items.
    Lists,
    /// A rating a row, and then `user:1 item:1`.
    Features,
    /// A user a row, and then `item:rating` for each of its ratings.
    Sparse,
}

/// All that is needed to read the rows of a text file.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) dialect: Dialect,
    pub(super) shape: Arc<Shape>,
    pub(super) reading: Arc<Reading>,
}
