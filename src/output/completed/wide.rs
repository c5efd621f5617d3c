//! `user,ITEM,ITEM,..`: a row a user, a column an item.

use super::rows::{Cells, each_row, known};
use crate::error::Result;
use crate::model::Model;
use crate::output::{Column, Field, Progress, Table, User};

/// Writes a row for each of `users`: their id, and a value for every item, in the order and with the values
/// of [`completed`](super::completed()). The names of the columns are the ids of the items. If only blanks
/// are wanted, known cells are missing.
///
/// # Errors
/// The errors of the table.
pub fn completed_wide(
    model: &Model,
    users: &[User],
    cells: Cells,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    let value = |id| {
        let column = Column::number(id);
        if cells == Cells::Blanks { column.optional() } else { column }
    };
    let columns: Vec<Column> =
        std::iter::once(Column::bytes("user")).chain(model.items.iter().map(value)).collect();
    table.header(&columns)?;
    let mut done = 0;
    each_row(model, users, false, |user, values, _| {
        let mut fields = Vec::with_capacity(columns.len());
        fields.push(Field::Bytes(user.id));
        fields.extend(values.iter().map(|&value| Field::Number(value)));
        if cells == Cells::Blanks {
            known(model, user).iter().for_each(|&item| fields[item as usize + 1] = Field::Missing);
        }
        table.row(&fields)?;
        done += 1;
        progress(done);
        Ok(())
    })
}
