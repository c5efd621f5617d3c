//! The meaning of a column's cells.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::schema::types::ColumnDescriptor;

/// How the numbers and bytes of a column are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `true` and `false`, 1 and 0 as ratings.
    Flags,
    Signed,
    Unsigned,
    Float,
    /// Two bytes each.
    Half,
    /// A whole number over this power of ten.
    Decimal(u8),
    /// Bytes, as a rule UTF-8.
    Text,
    /// Days since 1970.
    Date,
    /// Time since 1970, in units of which this many make a millisecond.
    Ticks(i64),
    /// Times of 12 bytes, from old writers.
    Moment,
}

/// More digits than any decimal has.
const MOST_DIGITS: i32 = 76;

impl Kind {
    /// The kind of a column. The error is a text that names contents that cannot be read.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<Self, String> {
        if column.max_rep_level() > 0 {
            return Err("lists".into());
        }
        let physical = column.physical_type();
        match column.logical_type_ref() {
            Some(LogicalType::Integer(kind)) if !kind.is_signed => Ok(Self::Unsigned),
            Some(LogicalType::Integer(_)) => Ok(Self::Signed),
            Some(LogicalType::Float16) => Ok(Self::Half),
            Some(LogicalType::Decimal(kind)) => decimal(kind.scale),
            Some(LogicalType::Date) => Ok(Self::Date),
            Some(LogicalType::Timestamp(kind)) => Ok(Self::Ticks(match kind.unit {
                TimeUnit::MILLIS => 1,
                TimeUnit::MICROS => 1000,
                TimeUnit::NANOS => 1_000_000,
            })),
            Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => Ok(Self::Text),
            // All-null columns.
            Some(LogicalType::Unknown) | None => Self::of_old_writers(column, physical),
            Some(other) => Err(format!("{other:?}")),
        }
    }

    /// The kind by the converted type, which came before logical types.
    fn of_old_writers(column: &ColumnDescriptor, physical: Physical) -> Result<Self, String> {
        match (column.converted_type(), physical) {
            (
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
                _,
            ) => Ok(Self::Unsigned),
            (ConvertedType::DECIMAL, _) => decimal(column.type_scale()),
            (ConvertedType::DATE, _) => Ok(Self::Date),
            (ConvertedType::TIMESTAMP_MILLIS, _) => Ok(Self::Ticks(1)),
            (ConvertedType::TIMESTAMP_MICROS, _) => Ok(Self::Ticks(1000)),
            (
                other @ (ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS | ConvertedType::INTERVAL),
                _,
            ) => Err(other.to_string()),
            (_, Physical::BOOLEAN) => Ok(Self::Flags),
            (_, Physical::INT32 | Physical::INT64) => Ok(Self::Signed),
            (_, Physical::FLOAT | Physical::DOUBLE) => Ok(Self::Float),
            (_, Physical::BYTE_ARRAY) => Ok(Self::Text),
            (_, Physical::INT96) => Ok(Self::Moment),
            (_, other) => Err(other.to_string()),
        }
    }

    /// The name for people.
    pub(super) fn name(self) -> String {
        let name = match self {
            Self::Flags => "booleans",
            Self::Signed | Self::Unsigned => "integers",
            Self::Float | Self::Half => "floats",
            Self::Decimal(_) => "decimals",
            Self::Text => "text",
            Self::Date => "dates",
            Self::Ticks(_) | Self::Moment => "timestamps",
        };
        name.into()
    }

    /// Whether ids can be read from it. Integers come as floats if cells of the column were missing once.
    pub(super) fn is_id(self) -> bool {
        matches!(self, Self::Text) || self.is_number()
    }

    /// Whether ratings can be read from it.
    pub(super) fn is_rating(self) -> bool {
        self == Self::Flags || self.is_id()
    }

    /// Whether times can be read from it.
    pub(super) fn is_time(self) -> bool {
        !matches!(self, Self::Half | Self::Flags)
    }

    /// Whether it holds numbers.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Signed | Self::Unsigned | Self::Float | Self::Half | Self::Decimal(_))
    }
}

fn decimal(scale: i32) -> Result<Kind, String> {
    if (0..=MOST_DIGITS).contains(&scale) {
        Ok(Kind::Decimal(scale as u8))
    } else {
        Err(format!("decimals of scale {scale}"))
    }
}
