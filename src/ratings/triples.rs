//! Ratings as triples: 12 bytes each.

use super::{Feedback, IdMap, Side};

/// No rating is larger, nor smaller than its negative: sums, products and squares of ratings then stay numbers.
const LARGEST: f32 = 1e30;

/// Whether a number can be a rating: finite, and not beyond 1e30.
pub fn is_rating(number: f32) -> bool {
    number.abs() <= LARGEST
}

/// Ratings in file order: `values[n]` is the rating that `users[n]` gave `items[n]`. The three have one
/// length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ratings {
    /// The user of each rating, as a number of the user id map.
    pub users: Vec<u32>,
    /// The item of each rating, as a number of the item id map.
    pub items: Vec<u32>,
    /// The values, finite, in the data's own units.
    pub values: Vec<f32>,
}

impl Ratings {
    /// No ratings, with capacity for `capacity`.
    pub fn with_capacity(capacity: usize) -> Self {
        let [users, items] = [(); 2].map(|()| Vec::with_capacity(capacity));
        Self { users, items, values: Vec::with_capacity(capacity) }
    }

    /// The number of ratings.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Adds one rating.
    pub fn push(&mut self, user: u32, item: u32, value: f32) {
        self.users.push(user);
        self.items.push(item);
        self.values.push(value);
    }

    /// The user, or the item, of each rating.
    pub fn rows(&self, side: Side) -> &[u32] {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }

    /// The user, or the item, of each rating, mutable.
    pub fn rows_mut(&mut self, side: Side) -> &mut Vec<u32> {
        match side {
            Side::User => &mut self.users,
            Side::Item => &mut self.items,
        }
    }

    /// Every rating as `(user, item, value)`.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, f32)> + '_ {
        (0..self.len()).map(|n| (self.users[n], self.items[n], self.values[n]))
    }
}

/// Ratings, some of which are left out.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    pub(super) ratings: &'a Ratings,
    /// One mark per rating, or no marks at all.
    pub(super) left_out: &'a [bool],
}

impl<'a> Kept<'a> {
    /// The ratings that are not marked; all of them if there are no marks.
    ///
    /// # Panics
    /// If there are marks, but not one per rating.
    pub fn without(ratings: &'a Ratings, left_out: &'a [bool]) -> Self {
        assert!(left_out.is_empty() || left_out.len() == ratings.len(), "a mark a rating");
        Self { ratings, left_out }
    }

    /// Whether the rating at a position is kept.
    pub(super) fn has(&self, place: usize) -> bool {
        self.left_out.get(place).is_none_or(|left_out| !left_out)
    }
}

impl<'a> From<&'a Ratings> for Kept<'a> {
    fn from(ratings: &'a Ratings) -> Self {
        Self { ratings, left_out: &[] }
    }
}

/// Ratings with the ids of their users and items.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// The triples.
    pub ratings: Ratings,
    /// User ids by number.
    pub users: IdMap,
    /// Item ids by number.
    pub items: IdMap,
    /// When each rating was given, in milliseconds since 1970 (UTC); empty if times are unknown or were not
    /// requested.
    pub times: Vec<i64>,
    /// What the values of the ratings stand for.
    pub feedback: Feedback,
}

impl Dataset {
    /// The ratings whose user and item are both in `users` and `items`, with the numbers they have there, and
    /// how many other ratings there are.
    pub fn among(&self, users: &IdMap, items: &IdMap) -> (Ratings, u64) {
        let (users, items) = (self.users.rows_in(users), self.items.rows_in(items));
        let (mut known, mut others) = (Ratings::default(), 0);
        for (user, item, value) in self.ratings.iter() {
            match (users[user as usize], items[item as usize]) {
                (Some(user), Some(item)) => known.push(user, item, value),
                _ => others += 1,
            }
        }
        (known, others)
    }
}
