//! The baselines that a model must beat: biases alone for ratings, and the most rated items for lists
//! (docs/metrics.md, "Baselines").

use crate::model::Rated;
use rayon::prelude::*;

/// The prior of an item's bias, as a number of ratings at the mean.
const ITEM_PRIOR: f64 = 25.0;
/// The same for users.
const USER_PRIOR: f64 = 10.0;

/// The number of parts into which users are cut.
const PARTS: usize = 8;

/// The mean and regularised biases of users and items: the baseline estimate of Koren 2010, "Factor in the
/// neighbors".
#[derive(Debug, Clone, PartialEq)]
pub struct Biases {
    /// The mean of the ratings.
    pub mean: f64,
    /// The bias of each user, in rating units.
    pub users: Vec<f64>,
    /// The bias of each item, in rating units.
    pub items: Vec<f64>,
}

impl Biases {
    /// Computes the biases from ratings of items below `items`.
    pub fn of(rated: &Rated, items: usize) -> Self {
        let users = rated.users() as u32;
        let sum: f64 = rated.counted().map(|(value, times)| f64::from(value) * times as f64).sum();
        let mean = sum / rated.len().max(1) as f64;
        // The number of parts does not depend on the threads, and their sums are added in order, so that the
        // result is always the same.
        let part = (users as usize).div_ceil(PARTS).max(1);
        let part_sums = |part: std::ops::Range<u32>| {
            let mut sums = vec![(0.0, 0.0); items];
            for (item, value) in part.flat_map(|user| rated.of(user)) {
                let (sum, count) = &mut sums[item as usize];
                *sum += f64::from(value) - mean;
                *count += 1.0;
            }
            sums
        };
        let parts: Vec<_> =
            (0..users).step_by(part).map(|from| from..users.min(from + part as u32)).collect();
        let parts: Vec<Vec<(f64, f64)>> = parts.into_par_iter().map(part_sums).collect();
        let mut sums = vec![(0.0, 0.0); items];
        for part in parts {
            for ((sum, count), (more, times)) in sums.iter_mut().zip(part) {
                *sum += more;
                *count += times;
            }
        }
        let items: Vec<f64> = sums.into_iter().map(|(sum, count)| sum / (ITEM_PRIOR + count)).collect();
        let user = |user: u32| {
            let ratings = rated.of(user);
            let prior = USER_PRIOR + ratings.len() as f64;
            ratings.map(|(item, value)| f64::from(value) - mean - items[item as usize]).sum::<f64>() / prior
        };
        Self { mean, users: (0..users).into_par_iter().map(user).collect(), items }
    }

    /// The prediction for a pair; an unknown user or item adds nothing.
    pub fn predict(&self, user: Option<u32>, item: Option<u32>) -> f64 {
        let bias = |biases: &[f64], row: Option<u32>| row.map_or(0.0, |row| biases[row as usize]);
        self.mean + bias(&self.users, user) + bias(&self.items, item)
    }
}

/// All items, the most rated first, equally often rated ones in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Popularity {
    order: Vec<u32>,
}

impl Popularity {
    /// Counts ratings of items below `items`.
    pub fn of(rated: &Rated, items: usize) -> Self {
        let counts = rated.popularity(items);
        let mut order: Vec<u32> = (0..items as u32).collect();
        order.sort_by_key(|&item| std::cmp::Reverse(counts[item as usize]));
        Self { order }
    }

    /// The first `count` items that are not among `seen`, which ascends.
    pub fn top(&self, seen: &[u32], count: usize) -> Vec<u32> {
        let unseen = self.order.iter().filter(|item| seen.binary_search(item).is_err());
        unseen.take(count).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::Ratings;

    fn rated() -> Rated {
        let mut ratings = Ratings::default();
        for (user, item, value) in [(0, 0, 5.0), (0, 2, 2.0), (1, 2, 3.0), (2, 2, 2.0)] {
            ratings.push(user, item, value);
        }
        Rated::from_ratings(&ratings, 4, 4)
    }

    #[test]
    fn biases_by_hand() {
        let biases = Biases::of(&rated(), 4);
        assert!((biases.mean - 3.0).abs() < 1e-12);
        let (first, third) = (2.0 / 26.0, -2.0 / 28.0);
        for (found, expected) in biases.items.iter().zip([first, 0.0, third, 0.0]) {
            assert!((found - expected).abs() < 1e-12, "{:?}", biases.items);
        }
        let users = [(2.0 - first - 1.0 - third) / 12.0, -third / 11.0, (-1.0 - third) / 11.0, 0.0];
        for (found, expected) in biases.users.iter().zip(users) {
            assert!((found - expected).abs() < 1e-12, "{:?}", biases.users);
        }
        assert!((biases.predict(Some(1), None) - (3.0 - third / 11.0)).abs() < 1e-12);
        assert!((biases.predict(None, Some(0)) - (3.0 + first)).abs() < 1e-12);
    }

    #[test]
    fn the_most_rated_that_was_not_seen() {
        let popularity = Popularity::of(&rated(), 4);
        assert_eq!(popularity.top(&[], 9), [2, 0, 1, 3]);
        assert_eq!(popularity.top(&[1, 2], 1), [0]);
    }
}
