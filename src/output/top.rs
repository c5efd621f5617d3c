//! `user,rank,item,score[,sd][,title]`: the best items of each user.

use super::{Field, Progress, Table, User};
use crate::error::Result;
use crate::model::Model;
use crate::score::{Noise, TopOptions, deviation, top_items};
use rayon::prelude::*;

/// Users whose lists are held in memory at a time.
const BATCH: usize = 4096;

/// The title of an item by its row in the model; empty if it has none.
pub type Titles<'a> = dyn Fn(u32) -> &'a [u8] + 'a;

/// Columns beside those that are always there.
#[derive(Clone, Copy, Default)]
pub struct Extra<'a> {
    /// The standard deviation of the rating, for which the model needs draws (see
    /// [`needs_draws`](crate::score::needs_draws)).
    pub sd: bool,
    /// Titles.
    pub titles: Option<&'a Titles<'a>>,
}

/// Writes a list for each of `users`, in their order, ranks from 1. Scores are in rating units, not clipped. A user
/// for whom nothing is left to recommend has no rows.
///
/// # Errors
/// What the table says.
pub fn top_n(
    model: &Model,
    users: &[User],
    options: &TopOptions,
    extra: Extra,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    let mut names = vec!["user", "rank", "item", "score"];
    names.extend(extra.sd.then_some("sd"));
    names.extend(extra.titles.map(|_| "title"));
    table.header(&names)?;
    let mut done = 0;
    for batch in users.chunks(BATCH) {
        let rows: Vec<Option<u32>> = batch.iter().map(|user| user.row).collect();
        let lists = top_items(model, &rows, options);
        let deviations = if extra.sd { deviations(model, &rows, &lists) } else { Vec::new() };
        let mut deviations = deviations.iter().flatten();
        for (user, list) in batch.iter().zip(lists) {
            for (&(item, score), rank) in list.iter().zip(1..) {
                let mut fields = vec![
                    Field::Bytes(user.id),
                    Field::Count(rank),
                    Field::Bytes(model.items.id(item)),
                    Field::Number(score),
                ];
                fields.extend(deviations.next().map(|&sd| Field::Number(sd)));
                fields.extend(extra.titles.map(|titles| Field::Bytes(titles(item))));
                table.row(&fields)?;
            }
            done += list.len() as u64;
        }
        progress(done);
    }
    Ok(())
}

/// Of each item of each list.
fn deviations(model: &Model, users: &[Option<u32>], lists: &[Vec<(u32, f32)>]) -> Vec<Vec<f32>> {
    let of_list = |(&user, list): (&Option<u32>, &Vec<(u32, f32)>)| {
        list.iter().map(|&(item, _)| deviation(model, user, Some(item), Noise::With)).collect()
    };
    users.par_iter().zip(lists).map(of_list).collect()
}
