//! Adds new users and new items to a model.

use super::fold_in;
use crate::model::{Factors, Model, NewRows};
use crate::ratings::{Dataset, Side};
use crate::train::engine::OpenEngine;
use crate::{Error, Result};

/// Counts of the new rows and of the ratings that were not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// The number of new users. They are the last users of the model, in the order of their first rating that
    /// was used.
    pub users: usize,
    /// The number of new items, ordered likewise.
    pub items: usize,
    /// The number of ratings whose user and item the model already contained. They are not used.
    pub known: usize,
    /// The number of unused ratings of new rows: their user rated no known item, and no known user rated
    /// their item.
    pub unknown: usize,
}

/// Folds in the users of `new` that the model does not contain, then the items, and adds both to the model.
/// Users come from their ratings of items that the model contained. Items come from the ratings of all users
/// that it contains by then, including the new ones.
///
/// # Errors
/// As [`fold_in`](super::fold_in()). If only the items fail, the new users are already in the model.
pub fn add_new(model: &mut Model, new: &Dataset, open: &mut OpenEngine<'_>, seed: u64) -> Result<Added> {
    let users = fold_in(model, new, Side::User, open, seed)?;
    let (count, used) = (users.rows.ids.len(), users.rows.ratings.len());
    let kept = model.rated.is_kept();
    add(model, users.rows)?;
    // If the model kept no ratings, those of the new users alone do not show who rated what.
    let alone = (!kept).then(|| std::mem::take(&mut model.rated));
    let items = fold_in(model, new, Side::Item, open, seed)?;
    if let Some(alone) = alone {
        model.rated = alone;
    }
    let used = used + items.rows.ratings.len();
    let added = Added {
        users: count,
        items: items.rows.ids.len(),
        known: new.ratings.len() - used - items.unknown,
        unknown: items.unknown,
    };
    add(model, items.rows)?;
    Ok(added)
}

/// Adds new rows whose scores are numbers.
fn add(model: &mut Model, rows: NewRows) -> Result<()> {
    model.add(rows);
    let advice = "are there ratings far outside the model's range?";
    let reach = |draw: &Factors| {
        draw.check_reach().map_err(|why| Error::Diverged(format!("folding in: {why}; {advice}")))
    };
    model.draws.iter().try_for_each(reach)
}
