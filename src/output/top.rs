//! `user,rank,item,score[,title]`: the best items of each user.

use super::{Field, Progress, Table, User};
use crate::error::Result;
use crate::model::Model;
use crate::score::{TopOptions, top_items};

/// Users whose lists are held in memory at a time.
const BATCH: usize = 4096;

/// The title of an item by its row in the model; empty if it has none.
pub type Titles<'a> = dyn Fn(u32) -> &'a [u8] + 'a;

/// Writes a list for each of `users`, in their order, ranks from 1. Scores are in rating units, not clipped. A user
/// for whom nothing is left to recommend has no rows.
///
/// # Errors
/// What the table says.
pub fn top_n(
    model: &Model,
    users: &[User],
    options: &TopOptions,
    titles: Option<&Titles>,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    let names = ["user", "rank", "item", "score", "title"];
    let columns = if titles.is_some() { 5 } else { 4 };
    table.header(&names[..columns])?;
    let mut done = 0;
    for batch in users.chunks(BATCH) {
        let rows: Vec<Option<u32>> = batch.iter().map(|user| user.row).collect();
        for (user, list) in batch.iter().zip(top_items(model, &rows, options)) {
            for (&(item, score), rank) in list.iter().zip(1..) {
                let title = titles.map_or(&b""[..], |titles| titles(item));
                let fields = [
                    Field::Bytes(user.id),
                    Field::Count(rank),
                    Field::Bytes(model.items.id(item)),
                    Field::Number(score),
                    Field::Bytes(title),
                ];
                table.row(&fields[..columns])?;
            }
            done += list.len() as u64;
        }
        progress(done);
    }
    Ok(())
}
