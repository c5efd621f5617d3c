//! `user,item,value,known[,sd]`: the whole matrix, or its blanks, some rows at a time.

use super::{Field, Progress, Table, User};
use crate::error::Result;
use crate::model::Model;
use crate::score::{Noise, deviation_block, score_block};
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
/// clipped to the model's range. If the model keeps no ratings, nothing is known. With `sd` there is the standard
/// deviation of each rating, 0 of those known, for which the model needs draws (see
/// [`needs_draws`](crate::score::needs_draws)).
///
/// # Errors
/// What the table says.
pub fn completed(
    model: &Model,
    users: &[User],
    (cells, sd): (Cells, bool),
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    let columns = if sd { 5 } else { 4 };
    table.header(&["user", "item", "value", "known", "sd"][..columns])?;
    let mut done = 0;
    each_row(model, users, sd, &mut |user, values, deviations| {
        let mut known = known(model, user).iter().peekable();
        for (item, id) in (0..).zip(model.items.iter()) {
            let given = known.next_if(|&&next| next == item).is_some();
            if given && cells == Cells::Blanks {
                continue;
            }
            let at = item as usize;
            let fields = [
                Field::Bytes(user.id),
                Field::Bytes(id),
                Field::Number(values[at]),
                Field::Count(given.into()),
                Field::Number(deviations.get(at).copied().unwrap_or_default()),
            ];
            table.row(&fields[..columns])?;
            done += 1;
        }
        progress(done);
        Ok(())
    })
}

/// How large the table of [`completed`] will be: the rows exactly, the bytes within a tenth or so.
pub fn completed_size(model: &Model, users: &[User], (cells, sd): (Cells, bool)) -> Size {
    let items = model.items.len() as u64;
    let known: u64 = users.iter().map(|user| known(model, user).len() as u64).sum();
    let all = users.len() as u64 * items;
    let rows = if cells == Cells::Blanks { all - known } else { all };
    let ids = users.iter().map(|user| user.id.len() as u64).sum::<u64>() * items
        + model.items.parts().0.len() as u64 * users.len() as u64;
    let ids = if all == 0 { 0.0 } else { ids as f64 / all as f64 };
    // A prediction is 8.5 characters on average, a rating 2 or so; with both go three commas, a flag, a line end.
    let blanks = (all - known) as f64;
    let numbers = 8.5 * blanks + 2.0 * (rows as f64 - blanks);
    // With its comma a deviation is 10.5 characters, and 2 where it is 0.
    let deviations = if sd { 10.5 * blanks + 2.0 * (rows as f64 - blanks) + 3.0 } else { 0.0 };
    Size { rows, bytes: ((ids + 5.0) * rows as f64 + numbers + deviations) as u64 + 22 }
}

/// What is done with a user, his row of the completed matrix, and its deviations.
pub(super) type Row<'a> = dyn FnMut(&User, &[f32], &[f32]) -> Result<()> + 'a;

/// Calls `row` for each user, in order; without `sd` there are no deviations. Scores are computed in parallel.
pub(super) fn each_row(model: &Model, users: &[User], sd: bool, row: &mut Row) -> Result<()> {
    let width = model.items.len();
    if width == 0 {
        return Ok(());
    }
    // A block has its values, and then its deviations.
    let numbers = if sd { 2 * width } else { width };
    let rows = (BATCH / numbers).max(1);
    let mut all = vec![0.0; rows.min(users.len()) * numbers];
    // Fewer users a task where there are few, so that all threads have work.
    let block = BLOCK.min(rows.div_ceil(rayon::current_num_threads()));
    for batch in users.chunks(rows) {
        let all = &mut all[..batch.len() * numbers];
        let blocks = all.par_chunks_mut(block * numbers).zip(batch.par_chunks(block));
        blocks.for_each(|(part, users)| {
            let (values, deviations) = part.split_at_mut(users.len() * width);
            fill(model, users, values, deviations);
        });
        for (part, users) in all.chunks(block * numbers).zip(batch.chunks(block)) {
            let (values, deviations) = part.split_at(users.len() * width);
            for (at, user) in users.iter().enumerate() {
                let own = at * width..(at + 1) * width;
                row(user, &values[own.clone()], deviations.get(own).unwrap_or_default())?;
            }
        }
    }
    Ok(())
}

/// Completes the rows of some users; no deviations are asked for where there is no room for them.
fn fill(model: &Model, users: &[User], values: &mut [f32], deviations: &mut [f32]) {
    let width = model.items.len();
    let rows: Vec<Option<u32>> = users.iter().map(|user| user.row).collect();
    score_block(model, &rows, 0..width, values);
    if !deviations.is_empty() {
        deviation_block(model, &rows, 0..width, (values, Noise::With), deviations);
    }
    for value in values.iter_mut() {
        *value = value.clamp(model.range.0, model.range.1);
    }
    for (at, row) in rows.iter().enumerate() {
        for (item, value) in row.iter().flat_map(|&row| model.rated.of(row)) {
            let cell = at * width + item as usize;
            values[cell] = value;
            if let Some(deviation) = deviations.get_mut(cell) {
                *deviation = 0.0;
            }
        }
    }
}

fn known<'a>(model: &'a Model, user: &User) -> &'a [u32] {
    user.row.map_or(&[], |row| model.rated.items(row))
}
