//! `user,rank,item,score[,rating][,sd][,title][,because]`: the best items of each user;
//! `item,rank,user,score[,sd]`: the best users of each item.

use super::extra::{Extra, reasons};
use super::{Column, Field, Progress, Table, User};
use crate::error::Result;
use crate::model::{Factors, Model};
use crate::score::{Explain, Noise, TopItems, TopUsers, deviation_about};
use rayon::prelude::*;

/// Items whose lists are held in memory at a time; fewer where lists are long.
const BATCH: usize = 4096;
/// Entries of lists that are held in memory at a time, twice, unless one list has more.
const ENTRIES: usize = 1 << 20;

/// The most columns of a list of items.
const COLUMNS: usize = 8;

/// For each of `users`, in their order, writes a list with ranks from 1. Ids are those of `model`, and `top`
/// must be made of its draws. Scores are clipped to the range of the ratings, as predictions are, but a list
/// is in the order of what they were before. A user for whom nothing is left to recommend has no rows;
/// returns the number of such users. The next users are scored while rows are written.
///
/// # Errors
/// The errors of the table, and of the GPU that makes the lists.
pub fn top_n(
    model: &Model,
    top: &TopItems,
    users: &[User],
    extra: Extra,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<usize> {
    let mut names =
        vec![Column::bytes("user"), Column::count("rank"), Column::bytes("item"), Column::number("score")];
    names.extend(extra.columns());
    table.header(&names)?;
    let mut batches = users.chunks(most(top.at_once(), top.count()));
    let (sd, because) = (extra.sd, extra.because);
    let mut next = batches.next().map(|batch| Batch::new(top, batch, sd, because));
    let (mut done, mut without) = (0, 0);
    while let Some(batch) = next.take().transpose()? {
        // While one batch is written, the next is scored.
        rayon::in_place_scope(|scope| {
            if let Some(users) = batches.next() {
                scope.spawn(|_| next = Some(Batch::new(top, users, sd, because)));
            }
            batch.write(model, &extra, table)
        })?;
        done += batch.rows();
        progress(done);
        without += batch.lists.iter().filter(|list| list.is_empty()).count();
    }
    Ok(without)
}

/// For each of `items`, in their order, writes a list of users, as [`top_n`] does with items. Returns the
/// number of items without rows.
///
/// # Errors
/// The errors of the table.
///
/// # Panics
/// If an item is no row of the model.
pub fn top_n_users(
    model: &Model,
    top: &TopUsers,
    items: &[u32],
    sd: bool,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<usize> {
    let columns = [
        Column::bytes("item"),
        Column::count("rank"),
        Column::bytes("user"),
        Column::number("score"),
        Column::number("sd"),
    ];
    let columns = &columns[..if sd { 5 } else { 4 }];
    table.header(columns)?;
    let (mut done, mut without) = (0, 0);
    for batch in items.chunks(most(BATCH, top.count())) {
        let lists = top.of(batch);
        let pair = |at: usize, user| (Some(user), Some(batch[at]));
        let deviations = if sd { deviations(top.draws(), &lists, pair) } else { Vec::new() };
        let mut deviations = deviations.into_iter().flatten();
        for (&item, list) in batch.iter().zip(lists) {
            for (&(user, score), rank) in list.iter().zip(1..) {
                let sd = deviations.next().unwrap_or_default();
                let fields = [
                    Field::Bytes(model.items.id(item)),
                    Field::Count(rank),
                    Field::Bytes(model.users.id(user)),
                    Field::Number(clipped(model, score)),
                    Field::Number(sd),
                ];
                table.row(&fields[..columns.len()])?;
            }
            done += list.len() as u64;
            without += usize::from(list.is_empty());
        }
        progress(done);
    }
    Ok(without)
}

/// A score within the range of the ratings; that of a list has no range.
fn clipped(model: &Model, score: f32) -> f32 {
    let (low, high) = model.range;
    score.max(low).min(high)
}

/// The number of lists of this length to hold in memory at a time, at most `lists`.
fn most(lists: usize, length: usize) -> usize {
    (ENTRIES / length.clamp(1, ENTRIES)).clamp(1, lists)
}

/// The lists of some users.
struct Batch<'a> {
    users: &'a [User<'a>],
    lists: Vec<Vec<(u32, f32)>>,
    /// The deviation of each item of each list, if requested.
    deviations: Vec<Vec<f32>>,
    /// The items that speak most for each item of each list, if requested.
    reasons: Vec<Vec<Vec<u32>>>,
}

impl<'a> Batch<'a> {
    fn new(
        top: &TopItems,
        users: &'a [User<'a>],
        sd: bool,
        because: Option<(&Explain, usize)>,
    ) -> Result<Self> {
        let rows: Vec<Option<u32>> = users.iter().map(|user| user.row).collect();
        let lists = top.of(&rows)?;
        let deviations =
            if sd { deviations(top.draws(), &lists, |at, item| (rows[at], Some(item))) } else { Vec::new() };
        let reasons = because.map_or(Vec::new(), |because| reasons(because, &rows, &lists));
        Ok(Self { users, lists, deviations, reasons })
    }

    fn rows(&self) -> u64 {
        self.lists.iter().map(|list| list.len() as u64).sum()
    }

    fn write(&self, model: &Model, extra: &Extra, table: &mut dyn Table) -> Result<()> {
        let mut deviations = self.deviations.iter().flatten();
        let mut reasons = self.reasons.iter().flatten();
        let mut text = Vec::new();
        for (user, list) in self.users.iter().zip(&self.lists) {
            for (&(item, score), rank) in list.iter().zip(1..) {
                let score = clipped(model, score);
                let id = model.items.id(item);
                extra.join(model, reasons.next().map_or(&[], Vec::as_slice), &mut text);
                let sd = deviations.next().copied().unwrap_or_default();
                let first =
                    [Field::Bytes(user.id), Field::Count(rank), Field::Bytes(id), Field::Number(score)];
                let mut fields = [Field::Missing; COLUMNS];
                let mut columns = 0;
                for field in first.into_iter().chain(extra.fields((user.id, item, id), sd, &text)) {
                    fields[columns] = field;
                    columns += 1;
                }
                table.row(&fields[..columns])?;
            }
        }
        Ok(())
    }
}

/// The deviation of each row of each list. `pair` gives the user and the item, from the position of the list
/// and the row.
fn deviations(
    draws: &[Factors],
    lists: &[Vec<(u32, f32)>],
    pair: impl Fn(usize, u32) -> (Option<u32>, Option<u32>) + Sync,
) -> Vec<Vec<f32>> {
    let of_list = |(at, list): (usize, &Vec<(u32, f32)>)| {
        list.iter().map(|&(row, score)| deviation_about(draws, pair(at, row), score, Noise::With)).collect()
    };
    lists.par_iter().enumerate().map(of_list).collect()
}
