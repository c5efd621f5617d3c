//! The options of a synthetic data set.

use crate::error::{Error, Result};
use crate::human::thousands;
use crate::memory::need;
use std::io::Write;

/// Settings of a synthetic data set. The defaults have the size of a small set of film ratings.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateOptions {
    /// How many users; each has at least one rating.
    pub users: u32,
    /// How many items; an unpopular one may go without ratings.
    pub items: u32,
    /// How many ratings, exactly: from one a user to one a cell.
    pub ratings: u64,
    /// Planted factors of each user and item.
    pub rank: usize,
    /// Standard deviation of the noise, in rating units, before ratings are rounded to the scale.
    pub noise: f32,
    /// The lowest rating.
    pub min: f32,
    /// The highest rating.
    pub max: f32,
    /// The distance of neighbouring ratings; the scale is `min`, `min + step`, .. up to `max`.
    pub step: f32,
    /// The same seed and options give the same bytes.
    pub seed: u64,
    /// Ids such as `u000123` and `i0456` instead of bare numbers.
    pub string_ids: bool,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self {
            users: 6_000,
            items: 4_000,
            ratings: 1_000_000,
            rank: 8,
            noise: 0.5,
            min: 0.5,
            max: 5.0,
            step: 0.5,
            seed: 0,
            string_ids: false,
        }
    }
}

/// More planted factors than anyone finds again.
const MOST_RANK: usize = 4096;
/// More different ratings than anyone gives.
const MOST_LEVELS: f32 = 1e6;

impl GenerateOptions {
    /// Refuses options that make no sense.
    pub(super) fn check(&self) -> Result<()> {
        let usage = |text: String| Err(Error::Usage(text));
        let cells = u64::from(self.users) * u64::from(self.items);
        if cells == 0 {
            return usage("there must be at least one user and one item".into());
        }
        if !(u64::from(self.users)..=cells).contains(&self.ratings) {
            return usage(format!(
                "{} ratings: expected at least one a user ({}) and at most one a cell ({cells})",
                self.ratings, self.users
            ));
        }
        let numbers = [self.min, self.max, self.step, self.noise];
        if numbers.iter().any(|number| !number.is_finite()) || self.noise < 0.0 {
            return usage("the scale and the noise must be numbers, the noise not negative".into());
        }
        if self.rank > MOST_RANK {
            return usage(format!("{} planted factors: expected at most {MOST_RANK}", self.rank));
        }
        let steps = (self.max - self.min) / self.step;
        if self.min >= self.max || self.step <= 0.0 || !(1.0..=MOST_LEVELS).contains(&steps) {
            return usage(format!(
                "the scale {} to {} by {}: expected at least two and at most {MOST_LEVELS} ascending ratings",
                self.min, self.max, self.step
            ));
        }
        // The activity of users, and the popularity, vectors and names of items.
        let bytes = 12 * u64::from(self.users) + (64 + 4 * self.rank as u64) * u64::from(self.items);
        let (users, items) = (thousands(self.users.into()), thousands(self.items.into()));
        need(bytes, &format!("generating {users} users and {items} items"), "fewer of them help")
    }

    /// The ratings that can be given, ascending.
    pub(super) fn levels(&self) -> Vec<f32> {
        let steps = ((self.max - self.min) / self.step * 1.000_001) as u32;
        (0..=steps).map(|n| self.min + n as f32 * self.step).collect()
    }

    /// Appends the id of the `number`-th user or item, from 0, to `text`.
    pub(super) fn push_id(&self, text: &mut Vec<u8>, tag: char, number: u32) {
        let width = if tag == 'u' { self.users } else { self.items }.ilog10() as usize + 1;
        let number = u64::from(number) + 1;
        let written =
            if self.string_ids { write!(text, "{tag}{number:0width$}") } else { write!(text, "{number}") };
        debug_assert!(written.is_ok(), "a vector takes everything");
    }
}
