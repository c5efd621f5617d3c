//! The layouts of files, one a file: each turns a piece of text into rows.

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

use super::layout::Dialect;
use super::pieces::Piece;
use super::rows::Rows;

/// Reads the rows of a piece.
pub(super) fn parse(piece: &Piece, rows: &mut Rows) {
    match piece.source.layout.dialect {
        Dialect::Netflix => netflix::parse(piece, rows),
        Dialect::Parquet => parquet::parse(piece, rows),
        _ => delimited::parse(piece, rows),
    }
}
