//! The cells of a column of a record batch.

use crate::error::{Error, Result};
use crate::input::format::cell::{Cell, Cells};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, LargeBinaryArray, LargeStringArray,
    StringArray, StringViewArray,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use half::f16;

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

/// The values of an array, in their type.
enum Values<'a> {
    Flags(&'a BooleanArray),
    Int8(&'a [i8]),
    Int16(&'a [i16]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    UInt8(&'a [u8]),
    UInt16(&'a [u16]),
    UInt32(&'a [u32]),
    UInt64(&'a [u64]),
    Float16(&'a [f16]),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    /// Numbers, and what they are divided by.
    Decimal(&'a [i128], f64),
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    TextView(&'a StringViewArray),
    Bytes(&'a BinaryArray),
    LargeBytes(&'a LargeBinaryArray),
    BytesView(&'a BinaryViewArray),
    Days(&'a [i32]),
    /// Times, and how many milliseconds one is.
    Long(&'a [i64], i64),
    /// Times, and how many of them are a millisecond.
    Short(&'a [i64], i64),
}

impl<'a> Values<'a> {
    /// Those of an array of a type that is read.
    fn of(array: &'a ArrayRef) -> Option<Self> {
        macro_rules! values {
            ($kind:ty) => {
                array.as_primitive::<$kind>().values()
            };
        }
        Some(match array.data_type() {
            DataType::Boolean => Self::Flags(array.as_boolean()),
            DataType::Int8 => Self::Int8(values!(Int8Type)),
            DataType::Int16 => Self::Int16(values!(Int16Type)),
            DataType::Int32 => Self::Int32(values!(Int32Type)),
            DataType::Int64 => Self::Int64(values!(Int64Type)),
            DataType::UInt8 => Self::UInt8(values!(UInt8Type)),
            DataType::UInt16 => Self::UInt16(values!(UInt16Type)),
            DataType::UInt32 => Self::UInt32(values!(UInt32Type)),
            DataType::UInt64 => Self::UInt64(values!(UInt64Type)),
            DataType::Float16 => Self::Float16(values!(Float16Type)),
            DataType::Float32 => Self::Float32(values!(Float32Type)),
            DataType::Float64 => Self::Float64(values!(Float64Type)),
            DataType::Decimal128(_, scale) => {
                Self::Decimal(values!(Decimal128Type), 10_f64.powi((*scale).into()))
            }
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::LargeUtf8 => Self::LargeText(array.as_string()),
            DataType::Utf8View => Self::TextView(array.as_string_view()),
            DataType::Binary => Self::Bytes(array.as_binary()),
            DataType::LargeBinary => Self::LargeBytes(array.as_binary()),
            DataType::BinaryView => Self::BytesView(array.as_binary_view()),
            DataType::Date32 => Self::Days(values!(Date32Type)),
            DataType::Date64 => Self::Long(values!(Date64Type), 1),
            DataType::Timestamp(TimeUnit::Second, _) => Self::Long(values!(TimestampSecondType), 1000),
            DataType::Timestamp(TimeUnit::Millisecond, _) => Self::Long(values!(TimestampMillisecondType), 1),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Self::Short(values!(TimestampMicrosecondType), 1000)
            }
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                Self::Short(values!(TimestampNanosecondType), 1_000_000)
            }
            _ => return None,
        })
    }

    fn cell(&self, at: usize) -> Cell<'a> {
        match self {
            Self::Flags(values) => Cell::Integer(values.value(at).into()),
            Self::Int8(values) => Cell::Integer(values[at].into()),
            Self::Int16(values) => Cell::Integer(values[at].into()),
            Self::Int32(values) => Cell::Integer(values[at].into()),
            Self::Int64(values) => Cell::Integer(values[at]),
            Self::UInt8(values) => Cell::Integer(values[at].into()),
            Self::UInt16(values) => Cell::Integer(values[at].into()),
            Self::UInt32(values) => Cell::Integer(values[at].into()),
            Self::UInt64(values) => Cell::Unsigned(values[at]),
            Self::Float16(values) => Cell::Number(values[at].into()),
            Self::Float32(values) => Cell::Number(values[at].into()),
            Self::Float64(values) => Cell::Number(values[at]),
            Self::Decimal(values, by) => Cell::Number(values[at] as f64 / by),
            Self::Text(values) => Cell::Text(values.value(at).as_bytes()),
            Self::LargeText(values) => Cell::Text(values.value(at).as_bytes()),
            Self::TextView(values) => Cell::Text(values.value(at).as_bytes()),
            Self::Bytes(values) => Cell::Text(values.value(at)),
            Self::LargeBytes(values) => Cell::Text(values.value(at)),
            Self::BytesView(values) => Cell::Text(values.value(at)),
            Self::Days(values) => Cell::of_days(values[at].into()),
            Self::Long(values, by) => Cell::Moment(values[at].saturating_mul(*by)),
            Self::Short(values, of) => Cell::of_ticks(values[at], *of),
        }
    }
}

/// A column that is read from its start.
pub(super) struct Column<'a> {
    name: &'a str,
    values: Values<'a>,
    /// Which cells of the array have values; all if there is none.
    nulls: Option<&'a NullBuffer>,
    /// For each cell its place in the array, where that is a dictionary.
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
        let values = Values::of(array)
            .ok_or_else(|| Error::Bug(format!("column `{name}` holds {}", array.data_type())))?;
        Ok(Self { name, values, nulls: array.nulls(), places, next: 0 })
    }
}

impl Cells for Column<'_> {
    fn cell(&mut self) -> Cell<'_> {
        let at = match &self.places {
            Some(places) => places[self.next],
            None => Some(self.next),
        };
        self.next += 1;
        match at.filter(|&at| self.nulls.is_none_or(|nulls| nulls.is_valid(at))) {
            Some(at) => self.values.cell(at),
            None => Cell::Null,
        }
    }

    fn name(&self) -> &str {
        self.name
    }
}
