//! `user,item,value,known[,sd]`: a row a cell.

use super::rows::{Cells, each_row, known};
use crate::error::Result;
use crate::model::Model;
use crate::output::{Column, Field, Progress, Table, User};

/// Writes every cell of `users` x all items, or every blank: users in the order given, items in the order of
/// their first sight. `known` is 1 if the value is a rating that the model keeps, 0 if it is a prediction,
/// clipped to the model's range. If the model keeps no ratings, all values are predictions. With `sd`, the
/// standard deviation of each rating follows, 0 for known ones; this needs a model with posterior samples
/// (see [`needs_draws`](crate::score::needs_draws)).
///
/// # Errors
/// The errors of the table.
pub fn completed(
    model: &Model,
    users: &[User],
    (cells, sd): (Cells, bool),
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    let columns = if sd { 5 } else { 4 };
    let names = [
        Column::bytes("user"),
        Column::bytes("item"),
        Column::number("value"),
        Column::flag("known"),
        Column::number("sd"),
    ];
    table.header(&names[..columns])?;
    let mut done = 0;
    each_row(model, users, sd, |user, values, deviations| {
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
                Field::Flag(given),
                Field::Number(deviations.get(at).copied().unwrap_or_default()),
            ];
            table.row(&fields[..columns])?;
            done += 1;
        }
        progress(done);
        Ok(())
    })
}
