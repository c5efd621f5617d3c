//! Tables of a row a user, and a column an item.

use super::delimited::records;
use crate::input::layout::{Dialect, Wide};
use crate::input::rows::Rows;
use std::ops::ControlFlow;

/// Reads the rows of a text that starts with line `line`. Cells that hold nothing are no ratings.
pub(super) fn parse(text: &[u8], dialect: Dialect, wide: &Wide, line: u64, rows: &mut Rows) {
    records(text, dialect, line, |line, record| {
        let fields = match record {
            Ok(fields) if fields.len() == wide.width => fields,
            Ok(fields) => {
                return rows.refuse(line, format!("found {} columns, expected {}", fields.len(), wide.width));
            }
            Err(fault) => return rows.refuse(line, fault.to_owned()),
        };
        let number = (line - wide.first + 1).to_string();
        let row = wide.id.and_then(|at| fields.get(at)).unwrap_or(number.as_bytes());
        for (at, column) in &wide.cells {
            let Some(value) = fields.get(*at).filter(|field| !field.trim_ascii().is_empty()) else {
                continue;
            };
            let (user, item) = if wide.turned { (&column[..], row) } else { (row, &column[..]) };
            rows.accept(line, user, item, Some(value), None)?;
        }
        ControlFlow::Continue(())
    });
}
