//! Bins of ratings: one for each distinct value or, if there are many, intervals of equal width.

/// The most distinct values that have a bin each.
const LEVELS: usize = 12;

/// The number of intervals into which the range is cut otherwise.
const INTERVALS: usize = 20;

/// Bins that cover every rating they were made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    /// The values with a bin each, ascending; empty if the bins are intervals.
    levels: Vec<f32>,
    range: (f32, f32),
}

impl Bins {
    /// Makes bins for ratings, of which there may be none.
    pub fn of(ratings: impl IntoIterator<Item = f32>) -> Self {
        let mut levels: Vec<f32> = Vec::new();
        let mut range = (f32::INFINITY, f32::NEG_INFINITY);
        for rating in ratings {
            range = (range.0.min(rating), range.1.max(rating));
            if levels.len() <= LEVELS
                && let Err(place) = levels.binary_search_by(|level| level.total_cmp(&(rating + 0.0)))
            {
                levels.insert(place, rating + 0.0);
            }
        }
        if levels.len() > LEVELS {
            levels.clear();
        }
        Self { levels, range }
    }

    /// The number of bins.
    pub fn len(&self) -> usize {
        match self.levels.len() {
            0 if self.range.0 < self.range.1 => INTERVALS,
            levels => levels,
        }
    }

    /// Whether there are no bins, because there were no ratings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bin of a rating; the nearest one if no bin covers it.
    ///
    /// # Panics
    /// If there are no bins.
    pub fn find(&self, rating: f32) -> usize {
        let (low, high) = self.range;
        if self.levels.is_empty() {
            let part = (f64::from(rating) - f64::from(low)) / (f64::from(high) - f64::from(low));
            return ((part * INTERVALS as f64).max(0.0) as usize).min(self.len() - 1);
        }
        let above = self.levels.partition_point(|level| *level < rating).min(self.levels.len() - 1);
        let nearer = above > 0 && rating - self.levels[above - 1] < self.levels[above] - rating;
        above - usize::from(nearer)
    }

    /// The value that stands for a bin: its rating, or the middle of its interval.
    pub fn middle(&self, bin: usize) -> f64 {
        let (low, high) = (f64::from(self.range.0), f64::from(self.range.1));
        let level = self.levels.get(bin).copied().map(f64::from);
        level.unwrap_or(low + (high - low) * (bin as f64 + 0.5) / INTERVALS as f64)
    }

    /// The value as text, for messages and charts.
    pub fn name(&self, bin: usize) -> String {
        if let Some(level) = self.levels.get(bin) {
            return level.to_string();
        }
        let digits = (2.0 - f64::from(self.range.1 - self.range.0).log10()).ceil().clamp(0.0, 6.0) as usize;
        format!("{:.digits$}", self.middle(bin))
    }

    /// Counts ratings by bin; each rating comes with the number of times it occurs.
    pub fn count(&self, ratings: impl IntoIterator<Item = (f32, u64)>) -> Vec<u64> {
        let mut counts = vec![0; self.len()];
        ratings.into_iter().for_each(|(rating, times)| counts[self.find(rating)] += times);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_for_each_of_few() {
        let ratings = [4.0, 0.5, 4.0, 3.5, 4.0];
        let bins = Bins::of(ratings);
        assert_eq!((bins.len(), bins.count([(4.0, 3), (0.5, 1), (3.5, 1)])), (3, vec![1, 1, 3]));
        assert_eq!((bins.name(0), bins.name(2)), ("0.5".into(), "4".into()));
        assert_eq!([-9.0, 1.9, 2.1, 3.6, 3.9, 9.0].map(|rating| bins.find(rating)), [0, 0, 1, 1, 2, 2]);
        assert!(Bins::of([]).is_empty());
    }

    #[test]
    fn intervals_for_many() {
        let ratings = || (0..=1000).map(|n| n as f32 / 100.0);
        let bins = Bins::of(ratings());
        let counts = bins.count(ratings().map(|rating| (rating, 1)));
        assert_eq!((bins.len(), counts.iter().sum::<u64>()), (20, 1001));
        assert!(counts.iter().all(|count| (50..=51).contains(count)), "{counts:?}");
        assert!((bins.middle(0) - 0.25).abs() < 1e-6 && bins.name(19) == "9.8", "{}", bins.name(19));
    }
}
