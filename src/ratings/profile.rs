//! Statistics of a table of ratings.

use super::{Ratings, Scale, count};
use hashbrown::HashMap;
use serde::Serialize;

/// With more distinct values than this, ratings have no levels.
const MOST_LEVELS: usize = 100;

/// The bits of the number of a slot, and a multiplier that spreads values over slots.
const SLOT_BITS: u32 = 8;
const SPREAD: u32 = 0x9e37_79b9;

/// Statistics of a table of ratings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// The number of ratings.
    pub ratings: u64,
    /// The number of users.
    pub users: u64,
    /// The number of items.
    pub items: u64,
    /// The share of all cells that has a rating.
    pub density: f64,
    /// The mean, deviation and range of the ratings.
    pub scale: Scale,
    /// The distinct values, ascending, if they are at most 100.
    pub levels: Option<Vec<Level>>,
    /// Ratings per user.
    pub activity: Quantiles,
    /// Ratings per item.
    pub popularity: Quantiles,
}

/// A distinct value of the ratings, and how often it occurs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Level {
    /// The value.
    pub value: f32,
    /// The number of ratings with this value.
    pub ratings: u64,
}

/// The quantiles of the number of ratings per row of a side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Quantiles {
    pub least: u64,
    pub p10: u64,
    pub p25: u64,
    pub p50: u64,
    pub p75: u64,
    pub p90: u64,
    pub p99: u64,
    pub most: u64,
    pub mean: f64,
}

impl Profile {
    /// Profiles ratings of `users` x `items`.
    ///
    /// # Panics
    /// If a rating's user or item is not below `users` or `items`.
    pub fn of(ratings: &Ratings, (users, items): (usize, usize)) -> Self {
        Self {
            ratings: ratings.len() as u64,
            users: users as u64,
            items: items as u64,
            density: ratings.len() as f64 / (users as f64 * items as f64).max(1.0),
            scale: Scale::of(ratings),
            levels: {
                let mut found = Counter::default();
                found.add(&ratings.values);
                found.levels()
            },
            activity: Quantiles::of(&ratings.users, users),
            popularity: Quantiles::of(&ratings.items, items),
        }
    }
}

/// Counts the distinct values of ratings.
pub(crate) struct Counter {
    // Most values find their count in a slot of their own.
    slots: [(u32, u64); 1 << SLOT_BITS],
    others: HashMap<u32, u64>,
    taken: usize,
}

impl Default for Counter {
    fn default() -> Self {
        Self { slots: [(0, 0); 1 << SLOT_BITS], others: HashMap::new(), taken: 0 }
    }
}

impl Counter {
    /// Adds values, unless there were too many distinct ones before.
    pub(crate) fn add(&mut self, values: &[f32]) {
        let Self { slots, others, taken } = self;
        for value in values {
            if *taken + others.len() > MOST_LEVELS {
                return;
            }
            let bits = value.to_bits();
            let slot = &mut slots[(bits.wrapping_mul(SPREAD) >> (32 - SLOT_BITS)) as usize];
            if slot.1 == 0 {
                slot.0 = bits;
                *taken += 1;
            }
            if slot.0 == bits {
                slot.1 += 1;
            } else {
                *others.entry(bits).or_default() += 1;
            }
        }
    }

    /// The distinct values, ascending, if they are at most 100.
    pub(crate) fn levels(self) -> Option<Vec<Level>> {
        let Self { slots, others, taken } = self;
        if taken + others.len() > MOST_LEVELS {
            return None;
        }
        let level = |(bits, ratings)| Level { value: f32::from_bits(bits), ratings };
        let filled = slots.into_iter().filter(|slot| slot.1 > 0);
        let mut levels: Vec<Level> = filled.chain(others).map(level).collect();
        levels.sort_by(|a, b| a.value.total_cmp(&b.value));
        Some(levels)
    }
}

impl Quantiles {
    /// The quantiles for the rows of ratings, of which there are `size`.
    fn of(rows: &[u32], size: usize) -> Self {
        let mut activity = count(rows, size);
        activity.sort_unstable();
        let last = size.saturating_sub(1) as f64;
        let at = |part: f64| activity.get((last * part).round() as usize).map_or(0, |&count| count.into());
        Self {
            least: at(0.0),
            p10: at(0.1),
            p25: at(0.25),
            p50: at(0.5),
            p75: at(0.75),
            p90: at(0.9),
            p99: at(0.99),
            most: at(1.0),
            mean: rows.len() as f64 / size.max(1) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Item `n` of 11 has `n` ratings, all by user 0 of 2 but the last.
        let mut ratings = Ratings::default();
        (0..11).for_each(|item| (0..item).for_each(|n| ratings.push(0, item, n as f32 / 2.0)));
        ratings.users[54] = 1;
        let found = Profile::of(&ratings, (2, 11));
        assert_eq!((found.ratings, found.users, found.items, found.density), (55, 2, 11, 2.5));
        let Quantiles { least, p10, p25, p50, p75, p90, p99, most, mean } = found.popularity;
        assert_eq!([least, p10, p25, p50, p75, p90, p99, most], [0, 1, 3, 5, 8, 9, 10, 10]);
        assert_eq!((mean, found.activity.least, found.activity.most), (5.0, 1, 54));
        let levels = found.levels.unwrap();
        assert!(
            levels
                .iter()
                .zip(0_u8..)
                .all(|(level, n)| *level == Level { value: f32::from(n) / 2.0, ratings: 10 - u64::from(n) })
        );
        assert_eq!((found.scale.low, found.scale.high, levels.len()), (0.0, 4.5, 10));
        (0..101).for_each(|n| ratings.push(0, 0, n as f32));
        assert_eq!(Profile::of(&ratings, (2, 11)).levels, None);
        let nothing = Profile::of(&Ratings::default(), (0, 0));
        assert_eq!((nothing.density, nothing.activity.most), (0.0, 0));
    }
}
