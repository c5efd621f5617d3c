//! The file formats, one a module: each turns text, or a row group, into rows.

mod delimited;
mod netflix;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet_disabled.rs"]
mod parquet;

pub(super) use delimited::records;
pub(super) use netflix::last_item;
pub(super) use parquet::{Group, Groups, as_text};

use super::layout::{Dialect, Layout};
use super::rows::Rows;

/// Reads the rows of whole records; the first starts at line `line`. In the Netflix layout, `item` is the
/// item of the first rows.
pub(super) fn parse(text: &[u8], layout: Layout, line: u64, item: Option<&[u8]>, rows: &mut Rows) {
    match layout.dialect {
        Dialect::Netflix => netflix::parse(text, line, item, rows),
        dialect => delimited::parse(text, dialect, layout.columns, line, rows),
    }
}
