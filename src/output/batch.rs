//! Some rows of a table, by column, until they are encoded.

use super::{Column, Field, Kind};
use crate::{Error, Result};
use std::borrow::Cow;

/// The cells of a column; a missing one holds a default value.
#[derive(Debug)]
pub(super) enum Cells {
    /// All bytes, and where each cell ends in them.
    Bytes(Vec<u8>, Vec<usize>),
    Counts(Vec<u64>),
    Numbers(Vec<f32>),
    Doubles(Vec<f64>),
    Flags(Vec<bool>),
}

/// Some rows of a table.
#[derive(Debug, Default)]
pub struct Batch {
    columns: Vec<(Cells, Vec<usize>)>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    /// An empty batch.
    pub(super) fn new(columns: &[Column]) -> Self {
        let cells = |column: &Column| match column.kind {
            Kind::Bytes => Cells::Bytes(Vec::new(), Vec::new()),
            Kind::Count => Cells::Counts(Vec::new()),
            Kind::Number => Cells::Numbers(Vec::new()),
            Kind::Double => Cells::Doubles(Vec::new()),
            Kind::Flag => Cells::Flags(Vec::new()),
        };
        let columns = columns.iter().map(|column| (cells(column), Vec::new())).collect();
        Self { columns, rows: 0, bytes: 0 }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Bug`] for a number that is none: no model and no ratings that were checked lead to one.
    pub(super) fn push(&mut self, fields: &[Field]) -> Result<()> {
        let numbers = fields.iter().map(|field| match field {
            Field::Number(number) => f64::from(*number),
            Field::Double(number) => *number,
            _ => 0.0,
        });
        finite(numbers)?;
        assert_eq!(fields.len(), self.columns.len(), "a field for each column");
        for ((cells, missing), field) in self.columns.iter_mut().zip(fields) {
            self.bytes += match (cells, field) {
                (Cells::Bytes(bytes, ends), Field::Bytes(field)) => {
                    bytes.extend_from_slice(field);
                    ends.push(bytes.len());
                    field.len() + size_of::<usize>()
                }
                (Cells::Counts(counts), Field::Count(count)) => add(counts, *count),
                (Cells::Numbers(numbers), Field::Number(number)) => add(numbers, *number),
                (Cells::Doubles(doubles), Field::Double(double)) => add(doubles, *double),
                (Cells::Flags(flags), Field::Flag(flag)) => add(flags, *flag),
                (cells, Field::Missing) => {
                    missing.push(self.rows);
                    match cells {
                        Cells::Bytes(bytes, ends) => add(ends, bytes.len()),
                        Cells::Counts(counts) => add(counts, 0),
                        Cells::Numbers(numbers) => add(numbers, 0.0),
                        Cells::Doubles(doubles) => add(doubles, 0.0),
                        Cells::Flags(flags) => add(flags, false),
                    }
                }
                (cells, field) => panic!("{field:?} in a column of {cells:?}"),
            };
        }
        self.rows += 1;
        Ok(())
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The memory its cells take, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Removes all rows and keeps the memory.
    pub(super) fn clear(&mut self) {
        (self.rows, self.bytes) = (0, 0);
        for (cells, missing) in &mut self.columns {
            missing.clear();
            match cells {
                Cells::Bytes(bytes, ends) => {
                    bytes.clear();
                    ends.clear();
                }
                Cells::Counts(counts) => counts.clear(),
                Cells::Numbers(numbers) => numbers.clear(),
                Cells::Doubles(doubles) => doubles.clear(),
                Cells::Flags(flags) => flags.clear(),
            }
        }
    }

    /// The columns, each with the rows where its cell is missing, ascending.
    #[cfg(feature = "parquet")]
    pub(super) fn columns(&self) -> impl ExactSizeIterator<Item = (&Cells, &[usize])> {
        self.columns.iter().map(|(cells, missing)| (cells, &missing[..]))
    }

    /// The cells of a row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = Field<'_>> {
        self.columns.iter().map(move |(cells, missing)| {
            if missing.binary_search(&row).is_ok() {
                return Field::Missing;
            }
            match cells {
                Cells::Bytes(bytes, ends) => Field::Bytes(slice(bytes, ends, row)),
                Cells::Counts(counts) => Field::Count(counts[row]),
                Cells::Numbers(numbers) => Field::Number(numbers[row]),
                Cells::Doubles(doubles) => Field::Double(doubles[row]),
                Cells::Flags(flags) => Field::Flag(flags[row]),
            }
        })
    }
}

/// A cell of bytes.
fn slice<'a>(bytes: &'a [u8], ends: &[usize], row: usize) -> &'a [u8] {
    let start = row.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[start..ends[row]]
}

/// An id or a name as text. The error says that it is not UTF-8, which `format` needs.
pub(super) fn text<'a>(bytes: &'a [u8], format: &str) -> Result<&'a str, String> {
    std::str::from_utf8(bytes).map_err(|_| {
        let shown: Cow<str> = String::from_utf8_lossy(bytes);
        format!("`{shown}` is not UTF-8, as {format} asks for; csv keeps ids byte for byte")
    })
}

/// Refuses numbers that are infinite or none, so that no output ever has one.
///
/// # Errors
/// [`Error::Bug`].
pub(super) fn finite(mut numbers: impl Iterator<Item = f64>) -> Result<()> {
    match numbers.find(|number| !number.is_finite()) {
        Some(number) => Err(Error::Bug(format!("{number} among the numbers to write"))),
        None => Ok(()),
    }
}

fn add<T>(cells: &mut Vec<T>, cell: T) -> usize {
    cells.push(cell);
    size_of::<T>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_never_written() {
        let columns = [Column::number("a"), Column::new("b", Kind::Double)];
        let mut batch = Batch::new(&columns);
        batch.push(&[Field::Number(f32::MAX), Field::Double(f64::MIN)]).unwrap();
        for fields in [
            [Field::Number(f32::INFINITY), Field::Double(1.0)],
            [Field::Number(f32::NAN), Field::Double(1.0)],
            [Field::Number(1.0), Field::Double(f64::NEG_INFINITY)],
        ] {
            assert_eq!(batch.push(&fields).unwrap_err().exit_code(), 1);
        }
        assert_eq!(batch.rows(), 1);
    }
}
