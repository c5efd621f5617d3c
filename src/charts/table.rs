//! The numbers behind a chart, for those who cannot see it and for those who want them.

use maud::{Markup, Render, html};

/// A table: a header, and rows whose first cell names them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table {
    /// The names of the columns.
    pub(crate) header: Vec<String>,
    /// The rows, each with as many cells.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new<const COLUMNS: usize>(header: [&str; COLUMNS]) -> Self {
        Self { header: header.map(String::from).to_vec(), rows: Vec::new() }
    }

    /// The same without columns that have no value in any row, for which `blank` stands.
    pub(crate) fn without_blank_columns(mut self, blank: &str) -> Self {
        let has = |column: usize| column == 0 || self.rows.iter().any(|row| row[column] != blank);
        let kept: Vec<bool> = (0..self.header.len()).map(has).collect();
        for row in self.rows.iter_mut().chain([&mut self.header]) {
            let mut kept = kept.iter();
            row.retain(|_| kept.next() == Some(&true));
        }
        self
    }

    /// Adds a row.
    pub(crate) fn row<const COLUMNS: usize>(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells.into());
    }
}

impl Render for Table {
    fn render(&self) -> Markup {
        html! {
            div.scroll tabindex="0" role="group" aria-label="table" {
                table {
                    thead { tr { @for name in &self.header { th scope="col" { (name) } } } }
                    tbody {
                        @for row in &self.rows {
                            tr {
                                @for (column, cell) in row.iter().enumerate() {
                                    @if column == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_values_is_left_out() {
        let mut table = Table::new(["epoch", "held out", "test"]);
        table.row(["–", "–", "1"].map(String::from));
        table.row(["2", "–", "–"].map(String::from));
        let table = table.without_blank_columns("–");
        assert_eq!(
            (table.header, table.rows),
            (
                vec!["epoch".to_owned(), "test".into()],
                vec![vec!["–".to_owned(), "1".into()], vec!["2".into(), "–".into()]]
            )
        );
    }
}
