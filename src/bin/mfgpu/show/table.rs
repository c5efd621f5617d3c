//! Formats tables for people, with aligned columns. A cell shows no control characters, so a row is a line.

use crate::terminal::clean;

/// Pads every column to its widest cell; one line per row.
pub(crate) fn table<Row: AsRef<[String]>>(rows: &[Row]) -> String {
    let clean = |row: &'_ Row| row.as_ref().iter().map(|cell| clean(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(clean).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &[String], column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let width = |column: usize| rows.iter().map(|row| cell(row, column)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
