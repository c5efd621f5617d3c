//! The files of a finished run.

use super::directory::RunDirectory;
use super::names;
use crate::gpu::{AdapterKind, Gpu};
use crate::model::{Model, listed_by_default, rated_by};
use crate::output::{Column, CsvTable, Extra, Field, Table, User, predicted, title_of, top_n};
use crate::ratings::{Dataset, Feedback};
use crate::score::{TopItems, TopOptions, multiplications};
use crate::stop::Stop;
use crate::train::engine::Device;
use crate::{Error, Result};

/// Writes the `count` best items of every user, by the model of lists if there is one beside that of ratings,
/// which then predicts a rating of each. `item_names` has one entry per item. A real GPU makes the lists if
/// there is enough work; the CPU makes them otherwise, and also when they exceed the GPU's memory limit or the
/// GPU fails. `csv_safe` is as in [`CsvTable::safe`].
pub(super) fn top(
    (ratings, lists): (&Model, Option<&Model>),
    (count, csv_safe): (usize, bool),
    item_names: Option<&[Option<String>]>,
    device: &mut Device,
    (directory, stop): (&RunDirectory, &Stop),
) -> Result<()> {
    // Both models have the same users and items, in the same rows.
    let (model, rated) = (lists.unwrap_or(ratings), &ratings.rated);
    let allowed = if lists.is_some() { rated_by(ratings, 1) } else { listed_by_default(ratings) };
    let options =
        TopOptions { count, exclude: Some(rated), allowed: allowed.as_deref(), ..TopOptions::default() };
    let beside = lists.map(|_| ratings);
    let lists = |top: &TopItems| {
        let table = CsvTable::new(directory.sink(names::TOP, stop)?).safe(csv_safe);
        self::lists((model, beside), top, item_names, Box::new(table))
    };
    if let Some(gpu) = faster(model, device) {
        match TopItems::on(gpu, model, &options).and_then(|top| lists(&top)) {
            Err(Error::Device(_) | Error::TooLarge(_)) => {}
            done => return done,
        }
    }
    lists(&TopItems::new(model, &options))
}

/// The GPU, if it is expected to be faster than the CPU.
fn faster<'a>(model: &Model, device: &'a mut Device) -> Option<&'a Gpu> {
    let gpu = device.for_lists(multiplications(model, model.users.len())).ok().flatten();
    gpu.filter(|gpu| gpu.description().kind != AdapterKind::Software)
}

fn lists(
    (model, ratings): (&Model, Option<&Model>),
    top: &TopItems,
    item_names: Option<&[Option<String>]>,
    mut table: Box<CsvTable>,
) -> Result<()> {
    let users = User::all(model);
    let title = |item: u32| title_of(item_names, item);
    let rating = ratings.map(predicted);
    let extra = Extra {
        rating: rating.as_ref().map(|rating| rating as _),
        titles: item_names.is_some().then_some(&title as _),
        ..Extra::default()
    };
    top_n(model, top, &users, extra, &mut *table, &mut |_| {})?;
    table.finish()
}

/// Writes the test ratings that were set aside, so that other models can be measured on them.
pub(super) fn test(test: &Dataset, directory: &RunDirectory, stop: &Stop) -> Result<()> {
    let mut table = Box::new(CsvTable::new(directory.sink(names::TEST, stop)?));
    // So named that it is read as what it was.
    let value = match test.feedback {
        Feedback::Ratings => Some("rating"),
        Feedback::Weights => Some("weight"),
        Feedback::Pairs => None,
    };
    let columns = [Some(Column::bytes("user")), Some(Column::bytes("item")), value.map(Column::number)];
    let columns: Vec<Column> = columns.into_iter().flatten().collect();
    table.header(&columns)?;
    for (user, item, value) in test.ratings.iter() {
        let row =
            [Field::Bytes(test.users.id(user)), Field::Bytes(test.items.id(item)), Field::Number(value)];
        table.row(&row[..columns.len()])?;
    }
    table.finish()
}
