//! New users and new items together.

use super::fold_in;
use crate::Result;
use crate::model::Model;
use crate::ratings::{Dataset, Side};
use crate::train::engine::OpenEngine;

/// What ratings of new rows brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// How many users are new. They are the last ones of the model, in the order of their first rating that was used.
    pub users: usize,
    /// How many items are new, likewise.
    pub items: usize,
    /// How many ratings are of a user and an item that the model knew before.
    pub known: usize,
    /// How many are of a user that has rated nothing known and an item that nobody known has rated.
    pub unknown: usize,
}

/// Folds in the users, then the items, that `new` has and the model does not, and adds them to it. Users come from
/// their ratings of items that the model knew; items from the ratings of all users that it knows by then, the new ones
/// among them.
///
/// # Errors
/// As [`fold_in`](super::fold_in()); the new users may be in the model all the same.
pub fn add_new(model: &mut Model, new: &Dataset, open: &mut OpenEngine<'_>, seed: u64) -> Result<Added> {
    let users = fold_in(model, new, Side::User, open, seed)?;
    let (count, used) = (users.rows.ids.len(), users.rows.ratings.len());
    let kept = model.rated.is_kept();
    model.add(users.rows);
    // Of a model that kept none, the ratings of the new users alone do not say who rated what.
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
    model.add(items.rows);
    Ok(added)
}
