//! The cells of a column in a row group, one after another.

use super::fault::{checked, damaged};
use super::kind::Kind;
use crate::error::Result;
use crate::input::format::cell::{Cell, Cells};
use half::f16;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
    Int96Type,
};
use parquet::errors::ParquetError;
use std::path::PathBuf;

/// Rows that are decoded at a time.
pub(super) const BATCH: u64 = 1 << 13;

/// A column that is read from its start. [`fill`](Column::fill) decodes its cells, which are then returned
/// one by one.
pub(super) struct Column {
    name: String,
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
}

/// The present cells, of one physical type.
pub(super) enum Values {
    Flags(Typed<BoolType>),
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
    ) -> Self {
        let values = match reader {
            ColumnReader::Int32ColumnReader(reader) => Values::Int32(Typed::new(reader)),
            ColumnReader::Int64ColumnReader(reader) => Values::Int64(Typed::new(reader)),
            ColumnReader::Int96ColumnReader(reader) => Values::Int96(Typed::new(reader)),
            ColumnReader::FloatColumnReader(reader) => Values::Float(Typed::new(reader)),
            ColumnReader::DoubleColumnReader(reader) => Values::Double(Typed::new(reader)),
            ColumnReader::ByteArrayColumnReader(reader) => Values::Bytes(Typed::new(reader)),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => Values::Fixed(Typed::new(reader)),
            ColumnReader::BoolColumnReader(reader) => Values::Flags(Typed::new(reader)),
        };
        Self { name, place, kind, values, full, levels: Vec::new(), next: (0, 0) }
    }

    /// Decodes the next `count` cells.
    pub(super) fn fill(&mut self, count: usize) -> Result<()> {
        self.next = (0, 0);
        let (levels, values) = ((&mut self.levels, self.full), &mut self.values);
        let found = checked(|| match values {
            Values::Flags(typed) => typed.fill(count, levels),
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
}

impl Cells for Column {
    fn cell(&mut self) -> Cell<'_> {
        let (at, value) = self.next;
        self.next.0 += 1;
        if self.levels.get(at).is_some_and(|&level| level < self.full) {
            return Cell::Null;
        }
        self.next.1 += 1;
        match (&self.values, self.kind) {
            (Values::Flags(typed), _) => Cell::Integer(typed.values[value].into()),
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

    fn name(&self) -> &str {
        &self.name
    }
}

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

fn integer(number: i64, kind: Kind) -> Cell<'static> {
    match kind {
        Kind::Date => Cell::of_days(number),
        Kind::Ticks(ticks) => Cell::of_ticks(number, ticks),
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
