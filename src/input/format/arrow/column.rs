//! The cells of a column of a record batch.

use crate::error::{Error, Result};
use crate::input::format::cell::{Cell, Cells};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    /// `true` and `false`, 1 and 0 as ratings.
    Flag,
    Time,
}

impl Kind {
    /// The kind of a type; `None` for one that is not read.
    pub(super) fn of(kind: &DataType) -> Option<Self> {
        match kind {
            DataType::Boolean => Some(Self::Flag),
            DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView => Some(Self::Text),
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Some(Self::Time),
            DataType::Decimal128(..) => Some(Self::Number),
            DataType::Dictionary(_, values) => Self::of(values),
            kind if kind.is_integer() || kind.is_floating() => Some(Self::Number),
            _ => None,
        }
    }
}

/// A column that is read from its start.
pub(super) struct Column<'a> {
    name: &'a str,
    array: &'a ArrayRef,
    /// For each cell its place in `array`, where that is a dictionary.
    places: Option<Vec<Option<usize>>>,
    next: usize,
}

impl<'a> Column<'a> {
    /// A column of a kind that is read.
    pub(super) fn of(name: &'a str, array: &'a ArrayRef) -> Result<Self> {
        let (array, places) = match array.as_any_dictionary_opt() {
            Some(dictionary) => {
                let keys = dictionary.normalized_keys();
                let places = keys.iter().enumerate().map(|(at, &key)| dictionary.is_valid(at).then_some(key));
                (dictionary.values(), Some(places.collect()))
            }
            None => (array, None),
        };
        if Kind::of(array.data_type()).is_none() {
            return Err(Error::Bug(format!("column `{name}` holds {}", array.data_type())));
        }
        Ok(Self { name, array, places, next: 0 })
    }
}

impl Cells for Column<'_> {
    fn cell(&mut self) -> Cell<'_> {
        let at = match &self.places {
            Some(places) => places[self.next],
            None => Some(self.next),
        };
        self.next += 1;
        let array = self.array;
        let Some(at) = at.filter(|&at| array.is_valid(at)) else { return Cell::Null };
        macro_rules! number {
            ($kind:ty) => {
                array.as_primitive::<$kind>().value(at)
            };
        }
        match array.data_type() {
            DataType::Boolean => Cell::Integer(array.as_boolean().value(at).into()),
            DataType::Int8 => Cell::Integer(number!(Int8Type).into()),
            DataType::Int16 => Cell::Integer(number!(Int16Type).into()),
            DataType::Int32 => Cell::Integer(number!(Int32Type).into()),
            DataType::Int64 => Cell::Integer(number!(Int64Type)),
            DataType::UInt8 => Cell::Integer(number!(UInt8Type).into()),
            DataType::UInt16 => Cell::Integer(number!(UInt16Type).into()),
            DataType::UInt32 => Cell::Integer(number!(UInt32Type).into()),
            DataType::UInt64 => Cell::Unsigned(number!(UInt64Type)),
            DataType::Float16 => Cell::Number(number!(Float16Type).into()),
            DataType::Float32 => Cell::Number(number!(Float32Type).into()),
            DataType::Float64 => Cell::Number(number!(Float64Type)),
            DataType::Decimal128(_, scale) => {
                Cell::Number(number!(Decimal128Type) as f64 / 10_f64.powi((*scale).into()))
            }
            DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(at).as_bytes()),
            DataType::LargeUtf8 => Cell::Text(array.as_string::<i64>().value(at).as_bytes()),
            DataType::Utf8View => Cell::Text(array.as_string_view().value(at).as_bytes()),
            DataType::Binary => Cell::Text(array.as_binary::<i32>().value(at)),
            DataType::LargeBinary => Cell::Text(array.as_binary::<i64>().value(at)),
            DataType::BinaryView => Cell::Text(array.as_binary_view().value(at)),
            DataType::Date32 => Cell::of_days(number!(Date32Type).into()),
            DataType::Date64 => Cell::Moment(number!(Date64Type)),
            DataType::Timestamp(TimeUnit::Second, _) => {
                Cell::Moment(number!(TimestampSecondType).saturating_mul(1000))
            }
            DataType::Timestamp(TimeUnit::Millisecond, _) => Cell::Moment(number!(TimestampMillisecondType)),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Cell::of_ticks(number!(TimestampMicrosecondType), 1000)
            }
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                Cell::of_ticks(number!(TimestampNanosecondType), 1_000_000)
            }
            _ => Cell::Null,
        }
    }

    fn name(&self) -> &str {
        self.name
    }
}
