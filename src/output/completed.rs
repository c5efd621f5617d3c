//! `user,item,value,known`: the whole matrix, or its blanks, some rows at a time.

use super::{Field, Progress, Table, User};
use crate::error::Result;
use crate::model::Model;
use crate::score::score_block;
use rayon::prelude::*;

/// Numbers that are held in memory at a time, unless one row has more.
const BATCH: usize = 1 << 23;
/// Users of one task.
const BLOCK: usize = 32;

/// Which cells are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cells {
    /// All of them.
    #[default]
    All,
    /// Those without a rating.
    Blanks,
}

/// How large an output will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Rows, the header not counted.
    pub rows: u64,
    /// Bytes, about.
    pub bytes: u64,
}

/// Writes every cell of `users` x all items, or every blank: users in the order given, items in the order of
/// their first sight. `known` is 1 where the value is the rating that was given, 0 where it is the prediction,
/// clipped to the model's range. If the model keeps no ratings, nothing is known.
///
/// # Errors
/// What the table says.
pub fn completed(
    model: &Model,
    users: &[User],
    cells: Cells,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    table.header(&["user", "item", "value", "known"])?;
    let mut done = 0;
    each_row(model, users, &mut |user, values| {
        let mut known = known(model, user).iter().peekable();
        for ((item, id), &value) in (0..).zip(model.items.iter()).zip(values) {
            let given = known.next_if(|&&next| next == item).is_some();
            if given && cells == Cells::Blanks {
                continue;
            }
            let fields =
                [Field::Bytes(user.id), Field::Bytes(id), Field::Number(value), Field::Count(given.into())];
            table.row(&fields)?;
            done += 1;
        }
        progress(done);
        Ok(())
    })
}

/// How large the table of [`completed`] will be: the rows exactly, the bytes within a tenth or so.
pub fn completed_size(model: &Model, users: &[User], cells: Cells) -> Size {
    let items = model.items.len() as u64;
    let known: u64 = users.iter().map(|user| known(model, user).len() as u64).sum();
    let all = users.len() as u64 * items;
    let rows = if cells == Cells::Blanks { all - known } else { all };
    let ids = users.iter().map(|user| user.id.len() as u64).sum::<u64>() * items
        + model.items.parts().0.len() as u64 * users.len() as u64;
    let ids = if all == 0 { 0.0 } else { ids as f64 / all as f64 };
    // A prediction is 8.5 characters on average, a rating 2 or so; with both go three commas, a flag, a line end.
    let numbers = 8.5 * (all - known) as f64 + 2.0 * (rows - (all - known)) as f64;
    Size { rows, bytes: ((ids + 5.0) * rows as f64 + numbers) as u64 + 22 }
}

/// Calls `row` with each user and his row of the completed matrix, in order; scores are computed in parallel.
pub(super) fn each_row(
    model: &Model,
    users: &[User],
    row: &mut dyn FnMut(&User, &[f32]) -> Result<()>,
) -> Result<()> {
    let width = model.items.len();
    if width == 0 {
        return Ok(());
    }
    let rows = (BATCH / width).max(1);
    let mut values = vec![0.0; rows.min(users.len()) * width];
    // Fewer users a task where there are few, so that all threads have work.
    let block = BLOCK.min(rows.div_ceil(rayon::current_num_threads()));
    for batch in users.chunks(rows) {
        let values = &mut values[..batch.len() * width];
        let blocks = values.par_chunks_mut(block * width).zip(batch.par_chunks(block));
        blocks.for_each(|(values, users)| fill(model, users, values));
        for (user, values) in batch.iter().zip(values.chunks(width)) {
            row(user, values)?;
        }
    }
    Ok(())
}

fn fill(model: &Model, users: &[User], values: &mut [f32]) {
    let width = model.items.len();
    let rows: Vec<Option<u32>> = users.iter().map(|user| user.row).collect();
    score_block(model, &rows, 0..width, values);
    for value in values.iter_mut() {
        *value = value.clamp(model.range.0, model.range.1);
    }
    for (row, values) in rows.iter().zip(values.chunks_mut(width)) {
        for (item, value) in row.iter().flat_map(|&row| model.rated.of(row)) {
            values[item as usize] = value;
        }
    }
}

fn known<'a>(model: &'a Model, user: &User) -> &'a [u32] {
    user.row.map_or(&[], |row| model.rated.items(row))
}
