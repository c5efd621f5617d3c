//! Writes a short table for people, or for programs.

use crate::flags::listing::{Listing, ListingArguments};
use crate::show::human::thousands;
use crate::show::json::json_text;
use crate::show::table::table;
use crate::signals;
use crate::terminal;
use mfgpu::Result;
use mfgpu::output::{Column, Field, Kind, TableOptions};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A cell of a short table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// An id or another text.
    Text(Vec<u8>),
    /// A whole number.
    Count(u64),
    /// A number, and how people see it.
    Number(f64, String),
    /// There is none.
    Missing,
}

impl Cell {
    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into().into_bytes())
    }

    /// The cell of what there is, if there is something.
    pub(crate) fn of<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Missing, cell)
    }

    fn field(&self) -> Field<'_> {
        match self {
            Self::Text(bytes) => Field::Bytes(bytes),
            Self::Count(count) => Field::Count(*count),
            Self::Number(number, _) => Field::Double(*number),
            Self::Missing => Field::Missing,
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(bytes) => String::from_utf8_lossy(bytes).into(),
            Self::Count(count) => (*count).into(),
            Self::Number(number, _) => (*number).into(),
            Self::Missing => Value::Null,
        }
    }

    fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(bytes) => String::from_utf8_lossy(bytes),
            Self::Count(count) => thousands(*count).into(),
            Self::Number(_, shown) => shown.into(),
            Self::Missing => "-".into(),
        }
    }
}

/// Writes the rows, each with a cell for each column.
pub(crate) fn write(how: &ListingArguments, columns: &[(&str, Kind)], rows: &[Vec<Cell>]) -> Result<()> {
    let path = how.path();
    let text = match how.how() {
        Listing::Table(format) => {
            let mut table = terminal::table(format, path, TableOptions::default(), signals::token())?;
            let head: Vec<Column> =
                columns.iter().map(|(name, kind)| Column::new(*name, *kind).optional()).collect();
            table.header(&head)?;
            for row in rows {
                let fields: Vec<Field> = row.iter().map(Cell::field).collect();
                table.row(&fields)?;
            }
            return table.finish();
        }
        Listing::Json => {
            let object = |row: &Vec<Cell>| -> Value {
                let pairs = columns.iter().zip(row);
                pairs.map(|((name, _), cell)| ((*name).to_owned(), cell.json())).collect::<Map<_, _>>().into()
            };
            json_text(&rows.iter().map(object).collect::<Vec<Value>>())?
        }
        Listing::People => people(columns, rows),
    };
    let mut out = signals::sink(path)?;
    out.put(text.as_bytes())?;
    out.commit()
}

/// A table for people, without the columns in which every cell is missing; nothing if there are no rows.
fn people(columns: &[(&str, Kind)], rows: &[Vec<Cell>]) -> String {
    let filled = |at: &usize| rows.iter().any(|row| row[*at] != Cell::Missing);
    let filled: Vec<usize> = (0..columns.len()).filter(filled).collect();
    if filled.is_empty() {
        return String::new();
    }
    let head = filled.iter().map(|&at| columns[at].0.replace('_', " ")).collect();
    let row = |row: &Vec<Cell>| filled.iter().map(|&at| row[at].shown().into_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(rows.iter().map(row)).collect();
    table(&lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_columns_are_left_out_for_people() {
        let columns = [("run", Kind::Bytes), ("eta_seconds", Kind::Double), ("best_epoch", Kind::Count)];
        let rows = [
            vec![Cell::text("a"), Cell::Missing, Cell::Count(1234)],
            vec![Cell::text("long\nname"), Cell::Missing, Cell::Missing],
        ];
        assert_eq!(people(&columns, &rows), "run         best epoch\na           1,234\nlong\\nname  -\n");
        let with = [vec![Cell::text("a"), Cell::Number(0.5, "half".into()), Cell::Missing]];
        assert_eq!(people(&columns, &with), "run  eta seconds\na    half\n");
        assert_eq!(people(&columns, &[]), "");
    }
}
