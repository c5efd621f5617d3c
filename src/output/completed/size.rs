//! The size of a completed matrix, before it is computed.

use super::rows::{Cells, known};
use crate::model::Model;
use crate::output::{TableFormat, User};

/// The size of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Rows, the header not counted.
    pub rows: u64,
    /// Bytes, approximately, if they are not packed.
    pub bytes: u64,
}

/// Characters of a prediction in csv, on average, and of a rating.
const PREDICTION: f64 = 8.5;
const RATING: f64 = 2.0;

/// The size of the table of [`completed`](super::completed()) in a format: the rows exactly, the bytes within
/// about a tenth.
pub fn completed_size(
    model: &Model,
    users: &[User],
    (cells, sd): (Cells, bool),
    format: TableFormat,
) -> Size {
    let all = users.len() as u64 * model.items.len() as u64;
    let given = given(model, users);
    let rows = if cells == Cells::Blanks { all - given } else { all };
    let (blanks, known) = ((all - given) as f64, (rows + given - all) as f64);
    let numbers = PREDICTION * blanks + RATING * known;
    // With its comma a deviation is 10.5 characters, and 2 where it is 0.
    let deviations = if sd { 10.5 * blanks + 2.0 * known } else { 0.0 };
    let ids = ids(model, users, all) * rows as f64;
    let bytes = match format {
        // Three commas, a flag, a line end; and the header.
        TableFormat::Csv => ids + 5.0 * rows as f64 + numbers + deviations + if sd { 25.0 } else { 22.0 },
        // `{"user":"","item":"","value":,"known":false}` and a line end, `,"sd":` without the comma of csv.
        TableFormat::Jsonl => {
            let keys = if sd { 50.0 } else { 45.0 };
            // `4.0` for 4; `true` is shorter than `false`.
            ids + keys * rows as f64 + numbers + deviations + known
        }
        TableFormat::Parquet => {
            (parquet_ids(model, ids / rows.max(1) as f64) + if sd { 8.0 } else { 4.0 }) * rows as f64
        }
    };
    Size { rows, bytes: bytes as u64 }
}

/// Bytes of a row without its numbers, where the ids of a row have `ids` characters. They are the item's
/// index in the dictionary, which repeats and is packed away if there are few items, and a share of the
/// dictionary, which is written once for each row group of 8 MiB in memory. Users and flags take next to
/// nothing.
fn parquet_ids(model: &Model, ids: f64) -> f64 {
    let items = model.items.len() as f64;
    let number = items.max(2.0).log2().ceil() / 8.0;
    let dictionary = model.items.parts().0.len() as f64 + 4.0 * items;
    let in_memory = ids + 2.0 * 8.0 + 4.0 + 1.0;
    number * (items / 10_000.0).min(1.0) + dictionary * in_memory / f64::from(8 << 20)
}

/// The size of the table of [`completed_wide`](super::completed_wide) as csv.
pub fn completed_wide_size(model: &Model, users: &[User], cells: Cells) -> Size {
    let rows = users.len() as u64;
    let all = rows * model.items.len() as u64;
    let given = given(model, users);
    let known = if cells == Cells::Blanks { 0.0 } else { RATING * given as f64 };
    let header = (model.items.parts().0.len() + model.items.len() + 5) as u64;
    let ids: u64 = users.iter().map(|user| user.id.len() as u64 + 1).sum();
    let numbers = all as f64 + PREDICTION * (all - given) as f64 + known;
    Size { rows, bytes: header + ids + numbers as u64 }
}

fn given(model: &Model, users: &[User]) -> u64 {
    users.iter().map(|user| known(model, user).len() as u64).sum()
}

/// Characters of both ids of a cell, on average over `all`.
fn ids(model: &Model, users: &[User], all: u64) -> f64 {
    let users_bytes = users.iter().map(|user| user.id.len() as u64).sum::<u64>();
    let bytes =
        users_bytes * model.items.len() as u64 + model.items.parts().0.len() as u64 * users.len() as u64;
    if all == 0 { 0.0 } else { bytes as f64 / all as f64 }
}
