//! The best of many scores: more candidates than wanted are gathered, and now and then all but the best are
//! dropped.

use std::cmp::Reverse;

/// Spare candidates of a short list; a long one gathers as many spare ones as it has entries.
const SPARE: usize = 24;

/// The best of the pushed scores; of equal scores, the item with the lower number is better.
pub(super) struct Best {
    count: usize,
    /// The least score that is considered.
    limit: f32,
    /// Keys; a greater key is better.
    keys: Vec<u64>,
}

impl Best {
    /// A list of at most `count` items with scores of at least `min_score`.
    pub(super) fn new(count: usize, min_score: f32) -> Self {
        let limit = if count == 0 { f32::INFINITY } else { min_score };
        Self { count, limit, keys: Vec::new() }
    }

    /// A score below this is not listed, whatever its item.
    pub(super) fn limit(&self) -> f32 {
        self.limit
    }

    /// Adds an item whose score reaches the limit.
    pub(super) fn push(&mut self, score: f32, item: u32) {
        self.keys.push(key(score, item));
        if self.keys.len() >= self.count.saturating_add(self.count.max(SPARE)) {
            self.drop_rest();
        }
    }

    /// Drops all but the best, which raises the limit.
    fn drop_rest(&mut self) {
        if self.keys.len() <= self.count || self.count == 0 {
            self.keys.truncate(self.count);
            return;
        }
        let (_, &mut worst, _) = self.keys.select_nth_unstable_by_key(self.count - 1, |&key| Reverse(key));
        self.keys.truncate(self.count);
        self.limit = entry(worst).1;
    }

    /// Items and scores, best first.
    pub(super) fn sorted(mut self) -> Vec<(u32, f32)> {
        self.drop_rest();
        self.keys.sort_unstable_by_key(|&key| Reverse(key));
        self.keys.into_iter().map(entry).collect()
    }
}

/// A number that orders candidates: a better one is greater. It holds the score in the order of floats, then
/// the item.
fn key(score: f32, item: u32) -> u64 {
    // Adding zero turns -0 into 0, so that the two are equal.
    let bits = (score + 0.0).to_bits();
    let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    u64::from(ordered) << 32 | u64::from(!item)
}

/// The item and score of a key.
fn entry(key: u64) -> (u32, f32) {
    let ordered = (key >> 32) as u32;
    let bits = if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered };
    (!(key as u32), f32::from_bits(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_scores() {
        let scores = [f32::NEG_INFINITY, -2.5, -1e-40, -0.0, 1e-40, 3.25, f32::INFINITY];
        for pair in scores.windows(2) {
            assert!(key(pair[0], 5) < key(pair[1], 9), "{pair:?}");
        }
        for score in scores {
            assert_eq!(entry(key(score, 7)), (7, score));
            assert!(key(score, 7) > key(score, 8), "the earlier item is the better");
        }
        assert_eq!(key(0.0, 3), key(-0.0, 3));
        assert_eq!(entry(key(-0.0, u32::MAX)).1.to_bits(), 0);
    }

    #[test]
    fn the_best_of_many() {
        for count in [0, 1, 2, 10, 24, 25, 100, 2000] {
            let mut best = Best::new(count, 100.0);
            for item in 0..1000_u32 {
                let score = ((item * 7919) % 500) as f32;
                if score >= best.limit() {
                    best.push(score, item);
                }
            }
            let mut all: Vec<(u32, f32)> =
                (0..1000).map(|item| (item, ((item * 7919) % 500) as f32)).filter(|x| x.1 >= 100.0).collect();
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.truncate(count);
            assert_eq!(best.sorted(), all, "{count}");
        }
    }

    #[test]
    fn nothing_is_wanted() {
        let mut best = Best::new(0, f32::NEG_INFINITY);
        best.push(f32::INFINITY, 1);
        assert_eq!(best.sorted(), []);
    }
}
