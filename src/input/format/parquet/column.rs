//! The cells of a column in a row group, one after another.

use super::fault::{checked, damaged};
use super::kind::Kind;
use crate::error::Result;
use crate::input::field::show;
use crate::input::number;
use crate::input::rows::Rows;
use crate::input::time::{moment, unix};
use half::f16;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{
    ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type,
};
use parquet::errors::ParquetError;
use std::io::Write;
use std::path::PathBuf;

/// Rows that are decoded at a time.
pub(super) const BATCH: u64 = 1 << 13;

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Integer(i64),
    Unsigned(u64),
    Number(f64),
    Text(&'a [u8]),
    /// Milliseconds since 1970.
    Moment(i64),
}

/// A column that is read from its start. [`fill`](Column::fill) decodes its cells, which are then returned
/// one by one.
pub(super) struct Column {
    pub(super) name: String,
    /// The file, and the row group in words.
    place: (PathBuf, String),
    kind: Kind,
    values: Values,
    /// The definition level of a cell that is present.
    full: i16,
    /// The definition level of each decoded cell; empty if all are present.
    levels: Vec<i16>,
    /// The next cell, and the next present cell.
    next: (usize, usize),
    text: Vec<u8>,
}

/// The present cells, of one physical type.
pub(super) enum Values {
    Int32(Typed<Int32Type>),
    Int64(Typed<Int64Type>),
    Int96(Typed<Int96Type>),
    Float(Typed<FloatType>),
    Double(Typed<DoubleType>),
    Bytes(Typed<ByteArrayType>),
    Fixed(Typed<FixedLenByteArrayType>),
}

pub(super) struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    values: Vec<T::T>,
}

impl Column {
    /// A column. `kind` must fit the type of `reader`; `place` is the file and the row group.
    pub(super) fn new(
        name: String,
        place: (PathBuf, String),
        kind: Kind,
        full: i16,
        reader: ColumnReader,
    ) -> Result<Self> {
        let values = match reader {
            ColumnReader::Int32ColumnReader(reader) => Values::Int32(Typed::new(reader)),
            ColumnReader::Int64ColumnReader(reader) => Values::Int64(Typed::new(reader)),
            ColumnReader::Int96ColumnReader(reader) => Values::Int96(Typed::new(reader)),
            ColumnReader::FloatColumnReader(reader) => Values::Float(Typed::new(reader)),
            ColumnReader::DoubleColumnReader(reader) => Values::Double(Typed::new(reader)),
            ColumnReader::ByteArrayColumnReader(reader) => Values::Bytes(Typed::new(reader)),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => Values::Fixed(Typed::new(reader)),
            ColumnReader::BoolColumnReader(_) => {
                return Err(crate::Error::Bug(format!("column `{name}`: flags are no kind")));
            }
        };
        Ok(Self { name, place, kind, values, full, levels: Vec::new(), next: (0, 0), text: Vec::new() })
    }

    /// Decodes the next `count` cells.
    pub(super) fn fill(&mut self, count: usize) -> Result<()> {
        self.next = (0, 0);
        let (levels, values) = ((&mut self.levels, self.full), &mut self.values);
        let found = checked(|| match values {
            Values::Int32(typed) => typed.fill(count, levels),
            Values::Int64(typed) => typed.fill(count, levels),
            Values::Int96(typed) => typed.fill(count, levels),
            Values::Float(typed) => typed.fill(count, levels),
            Values::Double(typed) => typed.fill(count, levels),
            Values::Bytes(typed) => typed.fill(count, levels),
            Values::Fixed(typed) => typed.fill(count, levels),
        });
        let short = |found| ParquetError::General(format!("{} rows are missing", count - found));
        let enough = found.and_then(|found| if found == count { Ok(()) } else { Err(short(found)) });
        enough.map_err(|error| {
            damaged(&self.place.0, &format!("{}, column `{}`", self.place.1, self.name), error)
        })
    }

    /// The next cell.
    pub(super) fn cell(&mut self) -> Cell<'_> {
        let (at, value) = self.next;
        self.next.0 += 1;
        if self.levels.get(at).is_some_and(|&level| level < self.full) {
            return Cell::Null;
        }
        self.next.1 += 1;
        match (&self.values, self.kind) {
            (Values::Int32(typed), Kind::Unsigned) => {
                Cell::Integer(typed.values[value].cast_unsigned().into())
            }
            (Values::Int64(typed), Kind::Unsigned) => Cell::Unsigned(typed.values[value].cast_unsigned()),
            (Values::Int32(typed), kind) => integer(typed.values[value].into(), kind),
            (Values::Int64(typed), kind) => integer(typed.values[value], kind),
            (Values::Int96(typed), _) => Cell::Moment(typed.values[value].to_millis()),
            (Values::Float(typed), _) => Cell::Number(typed.values[value].into()),
            (Values::Double(typed), _) => Cell::Number(typed.values[value]),
            (Values::Bytes(typed), kind) => bytes(typed.values[value].data(), kind),
            (Values::Fixed(typed), kind) => bytes(typed.values[value].data(), kind),
        }
    }

    /// The next cell as an id: text as it is, integers in digits.
    pub(super) fn id(&mut self) -> Result<&[u8], String> {
        // The cell may borrow the column, so the buffer is taken out of it first.
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let written = match self.cell() {
            Cell::Text(bytes) => {
                text.extend_from_slice(bytes);
                !bytes.is_empty()
            }
            Cell::Integer(number) => write!(text, "{number}").is_ok(),
            Cell::Unsigned(number) => write!(text, "{number}").is_ok(),
            Cell::Number(number) if number.fract() == 0.0 && number.abs() <= EXACT => {
                write!(text, "{}", number as i64).is_ok()
            }
            other => {
                let found = other.shown();
                return Err(self.unfit(&found, "an id"));
            }
        };
        self.text = text;
        if written { Ok(&self.text) } else { Err(self.unfit("an empty text", "an id")) }
    }

    /// The next cell as a value of `rows`. Unless values are needed, a missing one is 0.
    pub(super) fn rating(&mut self, rows: &Rows) -> Result<f32, String> {
        let (cell, needed) = (self.cell(), rows.needs_values());
        let value = match cell {
            Cell::Integer(number) => Some(number as f64 as f32),
            Cell::Unsigned(number) => Some(number as f64 as f32),
            Cell::Number(number) => Some(number as f32).filter(|number| number.is_finite()),
            Cell::Text(text) if !needed && text.trim_ascii().is_empty() => Some(0.0),
            Cell::Text(text) => number::rating(text),
            Cell::Null if !needed => Some(0.0),
            Cell::Null | Cell::Moment(_) => None,
        };
        match value.ok_or("a finite number").and_then(|value| rows.check(value)) {
            Ok(value) => Ok(value),
            Err(expected) => {
                let found = cell.shown();
                Err(self.unfit(&found, expected))
            }
        }
    }

    /// The next cell as a time, in milliseconds since 1970.
    pub(super) fn time(&mut self) -> Result<i64, String> {
        let cell = self.cell();
        let time = match cell {
            Cell::Moment(time) => Some(time),
            Cell::Integer(number) => unix(number as f64),
            Cell::Unsigned(number) => unix(number as f64),
            Cell::Number(number) => unix(number),
            Cell::Text(text) => moment(text),
            Cell::Null => None,
        };
        let Some(time) = time else {
            let found = cell.shown();
            return Err(self.unfit(&found, "a date such as 2001-05-01 or seconds since 1970"));
        };
        Ok(time)
    }

    fn unfit(&self, found: &str, expected: &str) -> String {
        format!("found {found} in column `{}`, expected {expected}", show(self.name.as_bytes()))
    }
}

/// Up to this size an `f64` holds every whole number exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<T: DataType> Typed<T> {
    fn new(reader: ColumnReaderImpl<T>) -> Self {
        Self { reader, values: Vec::new() }
    }

    /// Decodes up to `count` cells; returns how many there were.
    fn fill(&mut self, count: usize, (levels, full): (&mut Vec<i16>, i16)) -> Result<usize, ParquetError> {
        self.values.clear();
        levels.clear();
        let (cells, ..) = self.reader.read_records(count, Some(levels), None, &mut self.values)?;
        let there = levels.iter().filter(|&&level| level >= full).count();
        let there = if levels.is_empty() { cells } else { there };
        if there > self.values.len() {
            return Err(ParquetError::General(format!("{} values are missing", there - self.values.len())));
        }
        Ok(cells)
    }
}

impl Cell<'_> {
    /// For messages.
    fn shown(self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Integer(number) | Self::Moment(number) => format!("`{number}`"),
            Self::Unsigned(number) => format!("`{number}`"),
            Self::Number(number) => format!("`{number}`"),
            Self::Text(text) => format!("`{}`", show(text)),
        }
    }
}

fn integer(number: i64, kind: Kind) -> Cell<'static> {
    match kind {
        Kind::Date => Cell::Moment(number.saturating_mul(86_400_000)),
        Kind::Ticks(ticks) => Cell::Moment(number.div_euclid(ticks)),
        Kind::Decimal(scale) => Cell::Number(number as f64 / 10_f64.powi(scale.into())),
        _ => Cell::Integer(number),
    }
}

fn bytes(bytes: &[u8], kind: Kind) -> Cell<'_> {
    match kind {
        Kind::Decimal(scale) => Cell::Number(big_endian(bytes) / 10_f64.powi(scale.into())),
        Kind::Half => Cell::Number(bytes.try_into().map_or(f64::NAN, |two| f16::from_le_bytes(two).into())),
        _ => Cell::Text(bytes),
    }
}

/// A whole number in two's complement.
fn big_endian(bytes: &[u8]) -> f64 {
    let negative = bytes.first().is_some_and(|&first| first >= 0x80);
    let size =
        bytes.iter().fold(0.0, |sum, &byte| 256.0 * sum + f64::from(if negative { !byte } else { byte }));
    if negative { -1.0 - size } else { size }
}
