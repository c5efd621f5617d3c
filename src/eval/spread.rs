//! How recommendations spread over the catalogue (docs/metrics.md, "The catalogue").

/// The part of the items that are in at least one list. `counts` says how often each item of the catalogue is
/// listed.
pub fn coverage(counts: &[u32]) -> f64 {
    counts.iter().filter(|count| **count > 0).count() as f64 / counts.len().max(1) as f64
}

/// The Gini coefficient of how often items are listed: 0 if all are listed equally often, 1 if all lists are
/// of one item (Shani, Gunawardana 2011). 0 without lists, or with a single item.
pub fn gini(counts: &[u32]) -> f64 {
    let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    if total == 0.0 || counts.len() < 2 {
        return 0.0;
    }
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let items = sorted.len() as f64;
    let weighted =
        (1..).zip(&sorted).map(|(place, &count)| (2.0 * f64::from(place) - items - 1.0) * f64::from(count));
    weighted.sum::<f64>() / ((items - 1.0) * total)
}

/// How often each item is listed, at one cutoff.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    counts: Vec<u32>,
    cutoff: usize,
}

impl Spread {
    pub(super) fn new(items: usize, cutoff: usize) -> Self {
        Self { counts: vec![0; items], cutoff }
    }

    /// Counts a list, best first.
    pub(super) fn add(&mut self, list: &[u32]) {
        list.iter().take(self.cutoff).for_each(|&item| self.counts[item as usize] += 1);
    }

    pub(super) fn coverage(&self) -> f64 {
        coverage(&self.counts)
    }

    pub(super) fn gini(&self) -> f64 {
        gini(&self.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // Sorted 0 1 2 5: (-3*0 - 1*1 + 1*2 + 3*5) / (3 * 8).
        assert!((gini(&[2, 0, 5, 1]) - 16.0 / 24.0).abs() < 1e-12);
        assert_eq!(
            (gini(&[4, 4, 4]), gini(&[0, 9, 0]), gini(&[]), gini(&[3]), gini(&[0, 0])),
            (0.0, 1.0, 0.0, 0.0, 0.0)
        );
        assert_eq!((coverage(&[2, 0, 5, 1]), coverage(&[]), coverage(&[0])), (0.75, 0.0, 0.0));
        let mut spread = Spread::new(3, 2);
        spread.add(&[2, 0, 1]);
        spread.add(&[2]);
        assert_eq!(spread.counts, [1, 0, 2]);
    }

    proptest! {
        /// The same as half the mean absolute difference over the mean, with n - 1 in place of n.
        #[test]
        fn gini_is_the_mean_difference(counts in proptest::collection::vec(0_u32..100, 2..40)) {
            let total: u32 = counts.iter().sum();
            prop_assume!(total > 0);
            let pairs = counts.iter().flat_map(|&a| counts.iter().map(move |&b| f64::from(a.abs_diff(b))));
            let items = counts.len() as f64;
            let expected = pairs.sum::<f64>() / (2.0 * (items - 1.0) * f64::from(total));
            let found = gini(&counts);
            prop_assert!((found - expected).abs() < 1e-9 && (0.0..=1.0 + 1e-12).contains(&found));
        }
    }
}
