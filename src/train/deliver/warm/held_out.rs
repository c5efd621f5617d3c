//! Validation ratings when training begins from a model. They must be new to that model, or their error would
//! say nothing about the next one.

use crate::Result;
use crate::model::Model;
use crate::ratings::{Dataset, random};
use crate::train::problem::ENOUGH_HELD_OUT;
use crate::train::settings::Settings;

/// Marks the ratings that a model was trained on; `None` if it has not kept its ratings.
///
/// # Errors
/// Those of reading the ratings.
pub fn trained_on(model: &Model, data: &Dataset) -> Result<Option<Vec<bool>>> {
    let Model { rated, users, items, .. } = model;
    if !rated.is_kept() {
        return Ok(None);
    }
    let (users, items) = (data.users.rows_in(users), data.items.rows_in(items));
    let is_known = |(user, item, _): (u32, u32, f32)| match (users[user as usize], items[item as usize]) {
        (Some(user), Some(item)) => rated.get(user, item).is_some(),
        _ => false,
    };
    let mut marks = Vec::with_capacity(data.triples().len());
    data.triples().each(&mut |_, chunk| {
        marks.extend(chunk.iter().map(is_known));
        Ok(())
    })?;
    Ok(Some(marks))
}

/// Marks a random slice of the ratings that a model was not trained on, of the fraction that the settings ask
/// for. Marks none if the slice would be too small to decide anything.
pub fn held_out_of_new(settings: &Settings, trained_on: &[bool]) -> Vec<bool> {
    let new = trained_on.iter().filter(|known| !**known).count();
    let fraction = settings.held_out_fraction(new);
    let mut marks = random(trained_on.len(), fraction, settings.seed);
    marks.iter_mut().zip(trained_on).for_each(|(mark, known)| *mark &= !known);
    if marks.iter().filter(|mark| **mark).count() < ENOUGH_HELD_OUT {
        marks.fill(false);
    }
    marks
}
