//! Formats tables for people, with aligned columns. A cell shows no control characters, so a row is a line.

use crate::terminal::clean;
use std::borrow::Cow;

/// Pads every column to its widest cell; one line per row.
pub(crate) fn table(rows: &[impl AsRef<[String]>]) -> String {
    let rows = rows.iter().map(AsRef::as_ref);
    let rows: Vec<Vec<Cow<str>>> = rows.map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
