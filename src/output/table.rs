//! What every format of table can do.

use crate::error::Result;

/// One cell of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Field<'a> {
    /// An id or a title, as it came.
    Bytes(&'a [u8]),
    /// A rank, or 0 and 1 for no and yes.
    Count(u64),
    /// A rating, prediction or score, in rating units.
    Number(f32),
}

/// A table that takes its rows one after another. A new format implements this.
pub trait Table {
    /// Names the columns; called once, before the rows.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    fn header(&mut self, names: &[&str]) -> Result<()>;

    /// Adds a row, a field for each name.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write); a closed pipe has `source.kind()` `BrokenPipe`.
    fn row(&mut self, fields: &[Field]) -> Result<()>;

    /// Ends the table. Without it, a file does not appear.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    fn finish(self: Box<Self>) -> Result<()>;
}
