//! The interface of all table formats.

use crate::error::Result;

/// Called now and then with the number of rows done.
pub type Progress<'a> = dyn FnMut(u64) + 'a;

/// The type of a column's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Ids and titles.
    Bytes,
    /// Ranks and other whole numbers.
    Count,
    /// Ratings, predictions, factors.
    Number,
    /// Metrics, with all their digits.
    Double,
    /// No and yes.
    Flag,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name, which may be an id.
    pub name: &'a [u8],
    /// The type of its cells.
    pub kind: Kind,
    /// Whether its cells may be missing.
    pub optional: bool,
}

impl<'a> Column<'a> {
    /// A column in which no cell is missing.
    pub fn new(name: &'a (impl AsRef<[u8]> + ?Sized), kind: Kind) -> Self {
        Self { name: name.as_ref(), kind, optional: false }
    }

    /// Ids or titles.
    pub fn bytes(name: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::new(name, Kind::Bytes)
    }

    /// Whole numbers.
    pub fn count(name: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::new(name, Kind::Count)
    }

    /// Numbers.
    pub fn number(name: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::new(name, Kind::Number)
    }

    /// No and yes.
    pub fn flag(name: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::new(name, Kind::Flag)
    }

    /// The same column, whose cells may be missing.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// One cell of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Field<'a> {
    /// An id or a title, as it came.
    Bytes(&'a [u8]),
    /// A rank.
    Count(u64),
    /// A rating, prediction or score, in rating units; finite.
    Number(f32),
    /// A metric; finite.
    Double(f64),
    /// No or yes.
    Flag(bool),
    /// Nothing, in a column whose cells may be missing.
    Missing,
}

/// A table that takes its rows one after another. A format is an [`Encoding`](super::blocks::Encoding);
/// [`Blocks`](super::Blocks) makes a table of it.
pub trait Table {
    /// Sets the columns; called once, before the rows.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write); [`Error::Usage`](crate::Error::Usage) for a name that the
    /// format cannot hold.
    fn header(&mut self, columns: &[Column]) -> Result<()>;

    /// Adds a row, with a field of the right kind for each column.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write); a closed pipe has `source.kind()` `BrokenPipe`.
    /// [`Error::Usage`](crate::Error::Usage) for an id that the format cannot hold.
    ///
    /// # Panics
    /// If a field is missing or of another kind.
    fn row(&mut self, fields: &[Field]) -> Result<()>;

    /// Ends the table. Without it, a file does not appear.
    ///
    /// # Errors
    /// As [`row`](Self::row).
    fn finish(self: Box<Self>) -> Result<()>;
}
