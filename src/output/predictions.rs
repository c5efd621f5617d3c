//! `user,item,prediction[,sd]` for listed pairs.

use super::{Column, Field, Progress, Table};
use crate::error::Result;
use crate::model::Model;
use crate::score::{Noise, deviation, predict};
use rayon::prelude::*;

/// Pairs that are held in memory at a time.
const BATCH: usize = 1 << 16;

/// Writes the prediction for each pair of ids, in their order, clipped to the model's range. A pair with an
/// unknown user or item is predicted from the other alone; if both are unknown, as the mean. With `sd`, the
/// standard deviation of the rating follows; this needs a model with posterior samples (see
/// [`needs_draws`](crate::score::needs_draws)).
///
/// # Errors
/// The errors of the table.
pub fn predictions<'a>(
    model: &Model,
    pairs: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    sd: bool,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    let columns = if sd { 4 } else { 3 };
    let names =
        [Column::bytes("user"), Column::bytes("item"), Column::number("prediction"), Column::number("sd")];
    table.header(&names[..columns])?;
    let mut pairs = pairs.into_iter();
    let mut done = 0;
    loop {
        let batch: Vec<(&[u8], &[u8])> = pairs.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let numbers = |&(user, item): &(&[u8], &[u8])| {
            let (user, item) = (model.users.get(user), model.items.get(item));
            let sd = if sd { deviation(model, user, item, Noise::With) } else { 0.0 };
            [predict(model, user, item), sd]
        };
        let values: Vec<[f32; 2]> = batch.par_iter().map(numbers).collect();
        for (&(user, item), [value, sd]) in batch.iter().zip(values) {
            let fields = [Field::Bytes(user), Field::Bytes(item), Field::Number(value), Field::Number(sd)];
            table.row(&fields[..columns])?;
        }
        done += batch.len() as u64;
        progress(done);
    }
}
