//! New users and new items together.

use super::fold_in;
use crate::Result;
use crate::model::Model;
use crate::ratings::{Dataset, Side};
use crate::train::session::OpenEngine;

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
/// As [`fold_in`](super::fold_in()).
pub fn add_new(model: &mut Model, new: &Dataset, open: &mut OpenEngine<'_>, seed: u64) -> Result<Added> {
    let mut used = 0;
    let mut unknown = 0;
    let mut count = |side| -> Result<usize> {
        let folded = fold_in(model, new, side, open, seed)?;
        used += folded.rows.ratings.len();
        unknown = folded.unknown;
        let count = folded.rows.ids.len();
        model.add(folded.rows);
        Ok(count)
    };
    let (users, items) = (count(Side::User)?, count(Side::Item)?);
    Ok(Added { users, items, known: new.ratings.len() - used - unknown, unknown })
}
