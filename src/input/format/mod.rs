//! The file formats, one a module: each turns text, or a row group, into rows.

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(not(feature = "arrow"))]
#[path = "arrow_disabled.rs"]
mod arrow;
#[cfg(any(feature = "arrow", feature = "parquet"))]
mod cell;
mod delimited;
pub(super) mod json;
mod lines;
mod lists;
mod netflix;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet_disabled.rs"]
mod parquet;
pub(super) mod quotes;
mod wide;

#[cfg(feature = "arrow")]
pub use arrow::TableReader;
pub(super) use arrow::{Batch, Batches};
pub(super) use delimited::records;
pub(super) use lines::lines;
pub(super) use lists::{feature, is_comment};
pub(super) use netflix::last_item;
pub(super) use parquet::{Group, Groups, as_text};

use super::layout::{Dialect, Layout, Shape};
use super::rows::Rows;

/// Reads the rows of whole records; the first starts at line `line`. In the Netflix layout, `item` is the
/// item of the first rows.
pub(super) fn parse(text: &[u8], layout: &Layout, line: u64, item: Option<&[u8]>, rows: &mut Rows) {
    match (layout.dialect, &*layout.shape) {
        (_, Shape::Headed) => netflix::parse(text, line, item, rows),
        (Dialect::Json { lines }, Shape::Named(columns, names)) => {
            json::parse(text, lines, (columns, names), line, rows);
        }
        (dialect, Shape::Long(columns) | Shape::Named(columns, _)) => {
            delimited::parse(text, dialect, columns, line, rows);
        }
        (dialect, Shape::Wide(wide)) => wide::parse(text, dialect, wide, line, rows),
        (_, Shape::Lists) => lists::parse(text, line, rows),
        (_, Shape::Features) => lists::parse_features(text, line, rows),
        (_, Shape::Sparse) => lists::parse_sparse(text, line, rows),
    }
}

/// The position after the first record of a text.
pub(super) fn first_record_end(text: &[u8], dialect: Dialect) -> Option<usize> {
    match dialect {
        Dialect::Json { lines: false } => json::first_value_end(text),
        dialect => quotes::first_record_end(text, dialect.quoting()),
    }
}

/// The position after the last complete record of a text that starts with a record.
pub(super) fn last_record_end(text: &[u8], dialect: Dialect) -> Option<usize> {
    match dialect {
        Dialect::Json { lines: false } => json::last_value_end(text),
        dialect => quotes::last_record_end(text, dialect.quoting()),
    }
}
