//! Ratings as triples: 12 bytes each.

use super::IdMap;

/// Ratings in file order: `values[n]` is what `users[n]` gave `items[n]`. The three have one length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ratings {
    /// The user of each rating, a number of the user id map.
    pub users: Vec<u32>,
    /// The item of each rating, a number of the item id map.
    pub items: Vec<u32>,
    /// The ratings themselves, finite, in the data's own units.
    pub values: Vec<f32>,
}

impl Ratings {
    /// How many ratings there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Adds one rating.
    pub fn push(&mut self, user: u32, item: u32, value: f32) {
        self.users.push(user);
        self.items.push(item);
        self.values.push(value);
    }

    /// Every rating as `(user, item, value)`.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, f32)> + '_ {
        (0..self.len()).map(|n| (self.users[n], self.items[n], self.values[n]))
    }
}

/// Ratings with the ids that their numbers stand for.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// The triples.
    pub ratings: Ratings,
    /// User ids by number.
    pub users: IdMap,
    /// Item ids by number.
    pub items: IdMap,
    /// When each rating was given, in milliseconds since 1970 (UTC); empty if that is not known, or was not asked for.
    pub times: Vec<i64>,
}
