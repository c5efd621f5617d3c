//! Ratings with the ids of their users and items.

use super::split::random;
use super::{Feedback, IdMap, Ratings, Trainable, part};
use crate::Result;
use std::sync::Arc;

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
    /// The ratings with their times, where they are on disk; `ratings` and `times` are then empty.
    pub stored: Option<Arc<dyn Trainable>>,
}

impl Dataset {
    /// The ratings, wherever they are.
    pub fn triples(&self) -> &dyn Trainable {
        match &self.stored {
            Some(stored) => &**stored,
            None => &self.ratings,
        }
    }

    /// Whether it is known when the ratings were given.
    pub fn is_timed(&self) -> bool {
        !self.times.is_empty() || self.stored.as_ref().is_some_and(|stored| stored.is_timed())
    }

    /// The ratings, which are in memory, whose user and item are both in `users` and `items`, with the numbers they
    /// have there, and how many other ratings there are.
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

    /// Moves the marked ratings into a set of their own, in memory, which shares the ids. It has no times.
    ///
    /// # Errors
    /// Those of reading and of writing ratings on disk.
    ///
    /// # Panics
    /// If there is not one mark per rating.
    pub fn take(&mut self, marks: &[bool]) -> Result<Self> {
        let taken = if let Some(stored) = &self.stored {
            let (kept, taken) = stored.parted(marks)?;
            self.stored = Some(kept);
            taken
        } else {
            let (kept, taken) = part(&self.ratings, marks);
            let mut stays = marks.iter().map(|mark| !mark);
            self.times.retain(|_| stays.next().unwrap_or(false));
            self.ratings = kept;
            taken
        };
        Ok(self.with(taken))
    }

    /// Other ratings of the same users and items, in memory, without times.
    #[must_use]
    pub fn with(&self, ratings: Ratings) -> Self {
        let (users, items) = (self.users.clone(), self.items.clone());
        Self { ratings, users, items, times: Vec::new(), feedback: self.feedback, stored: None }
    }

    /// Splits the ratings, which are in memory, as [`split`](super::split()) does: those to train on, and those to
    /// evaluate with. Both parts have all ids.
    pub fn split(self, fraction: f64, seed: u64) -> (Self, Self) {
        let Self { ratings, users, items, times, feedback, .. } = self;
        let marks = random(ratings.len(), fraction, seed);
        let (kept, held_out) = part(&ratings, &marks);
        let of = |marked: bool| {
            let own = times.iter().zip(&marks).filter(|&(_, &mark)| mark == marked);
            own.map(|(time, _)| *time).collect()
        };
        let (kept_times, held_out_times) = (of(false), of(true));
        let held_out = Self {
            ratings: held_out,
            users: users.clone(),
            items: items.clone(),
            times: held_out_times,
            feedback,
            stored: None,
        };
        (Self { ratings: kept, users, items, times: kept_times, feedback, stored: None }, held_out)
    }
}
