//! `user,item,prediction` for listed pairs.

use super::{Field, Progress, Table};
use crate::error::Result;
use crate::model::Model;
use crate::score::predict;
use rayon::prelude::*;

/// Pairs that are held in memory at a time.
const BATCH: usize = 1 << 16;

/// Writes the prediction for each pair of ids, in their order, clipped to the model's range. An unknown user or
/// item is predicted from what is known of the other, or as the mean.
///
/// # Errors
/// What the table says.
pub fn predictions<'a>(
    model: &Model,
    pairs: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    table: &mut dyn Table,
    progress: &mut Progress,
) -> Result<()> {
    table.header(&["user", "item", "prediction"])?;
    let mut pairs = pairs.into_iter();
    let mut done = 0;
    loop {
        let batch: Vec<(&[u8], &[u8])> = pairs.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let values: Vec<f32> = batch
            .par_iter()
            .map(|(user, item)| predict(model, model.users.get(user), model.items.get(item)))
            .collect();
        for (&(user, item), value) in batch.iter().zip(values) {
            table.row(&[Field::Bytes(user), Field::Bytes(item), Field::Number(value)])?;
        }
        done += batch.len() as u64;
        progress(done);
    }
}
