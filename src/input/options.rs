//! The options of a reader.

use crate::error::{Error, Result};
use crate::ratings::Feedback;
use serde::{Deserialize, Serialize};

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
    /// JSON objects or arrays, one a line or as the elements of one array.
    Json,
    /// The coordinates of Matrix Market.
    Mtx,
    /// A user and its items a row.
    Lists,
    /// `rating user:1 item:1`, or `user item:rating ..`, as libsvm and libfm have it.
    Svm,
    /// Apache Parquet: columns with names and types.
    Parquet,
    /// Apache Arrow: the same, in a file (Feather) or a stream.
    Arrow,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Auto,
        Self::Csv,
        Self::Tsv,
        Self::Movielens,
        Self::Netflix,
        Self::Json,
        Self::Mtx,
        Self::Lists,
        Self::Svm,
        Self::Parquet,
        Self::Arrow,
    ];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Movielens => "movielens",
            Self::Netflix => "netflix",
            Self::Json => "json",
            Self::Mtx => "mtx",
            Self::Lists => "lists",
            Self::Svm => "svm",
            Self::Arrow => "arrow",
            Self::Parquet => "parquet",
        }
    }
}

/// How the rows of a table are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arrangement {
    /// Detected from the first rows of each file.
    #[default]
    Auto,
    /// A rating a row.
    Long,
    /// A user a row, and an item a column.
    Wide,
}

impl Arrangement {
    /// Every arrangement.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Long, Self::Wide];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Long => "long",
            Self::Wide => "wide",
        }
    }

    /// Whether it is detected.
    pub fn is_auto(&self) -> bool {
        *self == Self::Auto
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// The last one counts: the latest where times are known, else the last in the order of the files.
    Last,
    /// Their mean counts.
    Mean,
    /// Their sum counts.
    Sum,
    /// Their number counts, also where it is 1; values are not looked at.
    Count,
    /// The first one ends the reading with an error.
    Error,
}

impl Duplicates {
    /// Every choice.
    pub const ALL: [Self; 5] = [Self::Last, Self::Mean, Self::Sum, Self::Count, Self::Error];

    /// What is done where the choice is open.
    pub fn of(feedback: Feedback) -> Self {
        match feedback {
            Feedback::Ratings => Self::Last,
            Feedback::Weights => Self::Sum,
            Feedback::Pairs => Self::Count,
        }
    }

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Mean => "mean",
            Self::Sum => "sum",
            Self::Count => "count",
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
    /// How the rows of a table are arranged.
    #[serde(skip_serializing_if = "Arrangement::is_auto")]
    pub layout: Arrangement,
    /// The column of user ids.
    pub user_column: Option<String>,
    /// The column of item ids.
    pub item_column: Option<String>,
    /// The column of ratings; `none` if the rows are pairs, whatever other columns they have.
    pub rating_column: Option<String>,
    /// The column of weights, in place of one of ratings.
    pub weight_column: Option<String>,
    /// The column of times.
    pub time_column: Option<String>,
    /// What stands before the decimals of ratings: `.` or `,`; `None` is detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// What stands between groups of three digits of ratings; `None` is detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// Values that stand for no rating: rows with one are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// How rows that cannot be read are handled.
    pub bad_rows: BadRows,
    /// How several ratings of one item by one user are handled; `None` is [`Duplicates::of`] what was read.
    pub duplicates: Option<Duplicates>,
}

/// The name that stands for no column of ratings.
const NO_COLUMN: &str = "none";

impl ReadOptions {
    /// Checks that the settings fit each other.
    ///
    /// # Errors
    /// [`Error::Usage`] if a column of ratings and one of weights are named, or separators that are none.
    pub fn check(&self) -> Result<()> {
        if let (Some(rating), Some(weight)) = (&self.rating_column, &self.weight_column) {
            return Err(Error::Usage(format!(
                "`input.rating_column = {rating}` and `input.weight_column = {weight}` are both named, expected one: \
                 a table has ratings or weights"
            )));
        }
        if let Some(decimal) = self.decimal.filter(|decimal| !matches!(decimal, '.' | ',')) {
            return Err(Error::Usage(format!("`input.decimal = {decimal}`, expected `.` or `,`")));
        }
        let taken = |separator: &char| {
            separator.is_ascii_alphanumeric()
                || matches!(separator, '-' | '+')
                || *separator == self.decimal.unwrap_or('.')
        };
        if let Some(separator) = self.thousands.filter(taken) {
            return Err(Error::Usage(format!(
                "`input.thousands = {separator}`, expected a separator such as `,` or `'` that does not stand before \
                 the decimals (`input.decimal`)"
            )));
        }
        Ok(())
    }

    /// What the settings say of the values; `None` if the files show it.
    pub(super) fn feedback(&self) -> Option<Feedback> {
        match &self.rating_column {
            Some(column) if column == NO_COLUMN => Some(Feedback::Pairs),
            Some(_) => Some(Feedback::Ratings),
            None => self.weight_column.as_ref().map(|_| Feedback::Weights),
        }
    }
}

/// Whether times are read where there are some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimesWanted {
    No,
    /// As long as all of them can be read.
    Optional,
    /// One that cannot be read makes a row bad.
    Needed,
}

/// The parts of every row that the caller needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Whether the values are: in a table that has some, a row without one is bad, and each row of pairs
    /// counts 1. Otherwise a missing value is 0.
    pub(super) ratings: bool,
    pub(super) bad_rows: BadRows,
    pub(super) times: TimesWanted,
    /// Whether the lines of ratings will be asked for.
    pub(super) lines: bool,
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
        assert!(Arrangement::ALL.iter().all(|value| name(value) == value.name()));
        assert!(BadRows::ALL.iter().all(|value| name(value) == value.name()));
        assert!(Duplicates::ALL.iter().all(|value| name(value) == value.name()));
    }

    #[test]
    fn separators() {
        let check =
            |decimal, thousands| ReadOptions { decimal, thousands, ..ReadOptions::default() }.check().is_ok();
        assert!(check(Some(','), Some('.')) && check(None, Some(',')) && check(Some('.'), Some('\'')));
        assert!(
            !check(Some(';'), None)
                && !check(Some(','), Some(','))
                && !check(None, Some('.'))
                && !check(None, Some('0'))
        );
    }

    #[test]
    fn the_settings_say_what_is_read() {
        let said = |rating: Option<&str>, weight: Option<&str>| {
            let [rating_column, weight_column] = [rating, weight].map(|column| column.map(str::to_owned));
            let options = ReadOptions { rating_column, weight_column, ..ReadOptions::default() };
            options.check().map(|()| options.feedback())
        };
        assert_eq!(said(None, None).unwrap(), None);
        assert_eq!(said(Some("3"), None).unwrap(), Some(Feedback::Ratings));
        assert_eq!(said(Some("none"), None).unwrap(), Some(Feedback::Pairs));
        assert_eq!(said(None, Some("plays")).unwrap(), Some(Feedback::Weights));
        let error = said(Some("stars"), Some("plays")).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Usage(_)), "{text}");
        assert!(text.contains("`input.rating_column = stars` and `input.weight_column = plays`"), "{text}");
    }
}
