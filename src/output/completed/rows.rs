//! The rows of the completed matrix: ratings where they are known, predictions elsewhere. The rows of some
//! users at a time are computed on all threads.

use crate::error::Result;
use crate::model::Model;
use crate::output::User;
use crate::score::{ItemBlock, Noise};
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

/// Calls `row` with each user, in order, their row of the completed matrix, and its deviations (empty without
/// `sd`).
pub(super) fn each_row(
    model: &Model,
    users: &[User],
    sd: bool,
    mut row: impl FnMut(&User, &[f32], &[f32]) -> Result<()>,
) -> Result<()> {
    let width = model.items.len();
    each_block(model, users, sd, |users, values, deviations| {
        for (at, user) in users.iter().enumerate() {
            let own = at * width..(at + 1) * width;
            row(user, &values[own.clone()], deviations.get(own).unwrap_or_default())?;
        }
        Ok(())
    })
}

/// Calls `block` with consecutive users, their rows, and the deviations of these.
pub(super) fn each_block(
    model: &Model,
    users: &[User],
    sd: bool,
    mut block: impl FnMut(&[User], &[f32], &[f32]) -> Result<()>,
) -> Result<()> {
    let width = model.items.len();
    if width == 0 {
        return Ok(());
    }
    let items = ItemBlock::new(model, 0..width);
    let rows = (BATCH / if sd { 2 * width } else { width }).max(1);
    let mut values = vec![0.0; rows.min(users.len()) * width];
    let mut deviations = vec![0.0; if sd { values.len() } else { 0 }];
    // Fewer users a task where there are few, so that all threads have work.
    let task = BLOCK.min(rows.div_ceil(rayon::current_num_threads()));
    for users in users.chunks(rows) {
        let size = users.len() * width;
        let values = &mut values[..size];
        let tasks = values.par_chunks_mut(task * width).zip(users.par_chunks(task));
        if sd {
            let deviations = &mut deviations[..size];
            let tasks = tasks.zip(deviations.par_chunks_mut(task * width));
            tasks.for_each(|((values, users), deviations)| fill(model, &items, users, (values, deviations)));
            block(users, values, deviations)?;
        } else {
            tasks.for_each(|(values, users)| fill(model, &items, users, (values, &mut [])));
            block(users, values, &[])?;
        }
    }
    Ok(())
}

/// Completes the rows of some users; deviations are only computed if their slice is not empty.
fn fill(model: &Model, items: &ItemBlock, users: &[User], (values, deviations): (&mut [f32], &mut [f32])) {
    let width = model.items.len();
    let rows: Vec<Option<u32>> = users.iter().map(|user| user.row).collect();
    items.scores(&rows, values);
    if !deviations.is_empty() {
        items.deviations(&rows, (values, Noise::With), deviations);
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

pub(super) fn known<'a>(model: &'a Model, user: &User) -> &'a [u32] {
    user.row.map_or(&[], |row| model.rated.items(row))
}
