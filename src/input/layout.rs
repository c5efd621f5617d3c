//! The layout of a text file: the delimiter between the fields of a row, and the meaning of each field.

use crate::ratings::Feedback;

/// How the fields of a row are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// One byte between fields, which may be quoted if `quotes`.
    Delimited { delimiter: u8, quotes: bool },
    /// `::` between fields.
    DoubleColon,
    /// `item:` lines, each followed by `user,rating,date` lines.
    Netflix,
}

impl Dialect {
    /// The delimiter if fields may be quoted.
    pub(super) fn quoting(self) -> Option<u8> {
        match self {
            Self::Delimited { delimiter, quotes: true } => Some(delimiter),
            _ => None,
        }
    }

    /// The description for people.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Delimited { delimiter: b'\t', .. } => "tabs".into(),
            Self::Delimited { delimiter: b' ', .. } => "spaces".into(),
            Self::Delimited { delimiter, .. } => format!("delimiter `{}`", delimiter as char),
            Self::DoubleColon => "delimiter `::`".into(),
            Self::Netflix => "Netflix Prize".into(),
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
    /// What the values stand for.
    pub(super) feedback: Feedback,
    /// The time of the rating, if it is wanted and known.
    pub(super) time: Option<usize>,
    /// How many fields every row has.
    pub(super) width: usize,
}

/// All that is needed to read the rows of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) dialect: Dialect,
    pub(super) columns: Columns,
}
