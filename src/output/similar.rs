//! `id,rank,other,similarity[,title]`: the items, or users, most similar to each of some.

use super::{Column, Field, Progress, Table, Titles};
use crate::error::Result;
use crate::model::Model;
use crate::ratings::Side;
use crate::score::similar_among;

/// Rows whose lists are held in memory at a time.
const BATCH: usize = 4096;

/// For each of `rows` of a side, in their order, writes the `count` other rows of highest
/// [`similarity`](crate::score::similar()), with ranks from 1, among those marked in `allowed`; `None` allows
/// all. `titles` has the titles of the others.
///
/// # Errors
/// The errors of the table.
///
/// # Panics
/// If one of `rows` is no row of the model, or if `allowed` does not have one mark per row.
pub fn similar_rows(
    model: &Model,
    (side, rows): (Side, &[u32]),
    (count, allowed): (usize, Option<&[bool]>),
    titles: Option<&Titles>,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    let names = [
        Column::bytes("id"),
        Column::count("rank"),
        Column::bytes("other"),
        Column::number("similarity"),
        Column::bytes("title"),
    ];
    let columns = if titles.is_some() { 5 } else { 4 };
    table.header(&names[..columns])?;
    let ids = if side == Side::User { &model.users } else { &model.items };
    let mut done = 0;
    for batch in rows.chunks(BATCH) {
        for (&row, list) in batch.iter().zip(similar_among(model, side, batch, count, allowed)) {
            for (&(other, similarity), rank) in list.iter().zip(1..) {
                let fields = [
                    Field::Bytes(ids.id(row)),
                    Field::Count(rank),
                    Field::Bytes(ids.id(other)),
                    Field::Number(similarity),
                    Field::Bytes(titles.map_or(&b""[..], |titles| titles(other))),
                ];
                table.row(&fields[..columns])?;
            }
            done += list.len() as u64;
        }
        progress(done);
    }
    Ok(())
}
