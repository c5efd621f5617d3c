//! Metrics of one list (docs/metrics.md, "Rankings"): an item is relevant or it is not.

/// The metrics of one list, cut off at some length.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ListMetrics {
    /// The part of the list's positions that hold a relevant item; empty positions hold none.
    pub precision: f64,
    /// The part of the relevant items that are in the list.
    pub recall: f64,
    /// Discounted cumulative gain over that of the best order (Järvelin, Kekäläinen 2002).
    pub ndcg: f64,
    /// Precision at the position of each relevant item in the list, summed, over the number of relevant
    /// items.
    pub average_precision: f64,
    /// One over the position of the first relevant item; 0 without one.
    pub reciprocal_rank: f64,
    /// 1 with a relevant item in the list, 0 without.
    pub hit: f64,
}

impl ListMetrics {
    /// The number of metrics.
    pub(super) const COUNT: usize = 6;

    /// All of them, in the order of the fields.
    pub(super) fn numbers(self) -> [f64; Self::COUNT] {
        [self.precision, self.recall, self.ndcg, self.average_precision, self.reciprocal_rank, self.hit]
    }
}

/// Measures the first `cutoff` positions of a list. `hits` says for each position, best first, whether its
/// item is relevant; `relevant` is the number of relevant items in all, in the list or not. All metrics are 0
/// if nothing is relevant.
///
/// # Panics
/// If `cutoff` is 0, or `hits` has more than `relevant` relevant items.
pub fn list_metrics(hits: &[bool], relevant: usize, cutoff: usize) -> ListMetrics {
    assert!(cutoff > 0, "a list of no places");
    let places = (1..=cutoff).zip(hits).filter(|(_, hit)| **hit).map(|(place, _)| place);
    let mut metrics = ListMetrics::default();
    let (mut found, mut gain) = (0, 0.0);
    for place in places {
        found += 1;
        gain += discount(place);
        metrics.average_precision += f64::from(found) / place as f64;
        if found == 1 {
            (metrics.reciprocal_rank, metrics.hit) = (1.0 / place as f64, 1.0);
        }
    }
    assert!(found as usize <= relevant, "{found} of {relevant} relevant items");
    if found == 0 {
        return metrics;
    }
    let best: f64 = (1..=cutoff.min(relevant)).map(discount).sum();
    metrics.precision = f64::from(found) / cutoff as f64;
    metrics.recall = f64::from(found) / relevant as f64;
    metrics.ndcg = gain / best;
    metrics.average_precision /= relevant as f64;
    metrics
}

/// The gain of a relevant item at a position, from 1.
fn discount(place: usize) -> f64 {
    1.0 / (place as f64 + 1.0).log2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
    }

    /// Relevant at positions 2, 3 and 5 of 5, with 4 relevant items in all.
    #[test]
    fn by_hand() {
        let hits = [false, true, true, false, true];
        let five = list_metrics(&hits, 4, 5);
        close(five.precision, 3.0 / 5.0);
        close(five.recall, 3.0 / 4.0);
        close(five.average_precision, (1.0 / 2.0 + 2.0 / 3.0 + 3.0 / 5.0) / 4.0);
        close(five.reciprocal_rank, 0.5);
        close(five.hit, 1.0);
        // 1/log2(3) = .630930, 1/log2(4) = .5, 1/log2(6) = .386853; the best order has 1 and 1/log2(5) =
        // .430677 too.
        let (third, fifth, sixth) = (0.630_929_753_571, 0.430_676_558_073, 0.386_852_807_235);
        assert!((five.ndcg - (third + 0.5 + sixth) / (1.0 + third + 0.5 + fifth)).abs() < 1e-11);
        let two = list_metrics(&hits, 4, 2);
        close(two.precision, 0.5);
        close(two.recall, 0.25);
        close(two.average_precision, 0.5 / 4.0);
        assert!((two.ndcg - third / (1.0 + third)).abs() < 1e-11);
        assert_eq!(list_metrics(&hits, 4, 1), ListMetrics::default());
    }

    #[test]
    fn a_list_shorter_than_the_cutoff_has_empty_places() {
        let metrics = list_metrics(&[true], 1, 10);
        close(metrics.precision, 0.1);
        assert_eq!((metrics.recall, metrics.ndcg, metrics.average_precision), (1.0, 1.0, 1.0));
        assert_eq!(list_metrics(&[], 0, 3), ListMetrics::default());
    }

    proptest! {
        #[test]
        fn between_nothing_and_all(
            hits in proptest::collection::vec(any::<bool>(), 0..40),
            more in 0_usize..10,
            cutoff in 1_usize..50,
        ) {
            let relevant = hits.iter().filter(|hit| **hit).count() + more;
            let metrics = list_metrics(&hits, relevant, cutoff);
            for number in metrics.numbers() {
                prop_assert!((0.0..=1.0 + 1e-12).contains(&number), "{metrics:?}");
            }
            let ideal: Vec<bool> = (0..relevant).map(|_| true).collect();
            let best = list_metrics(&ideal, relevant, cutoff);
            if relevant > 0 {
                prop_assert_eq!((best.ndcg, best.reciprocal_rank, best.hit), (1.0, 1.0, 1.0));
                prop_assert!(metrics.ndcg <= best.ndcg + 1e-12);
            }
            // More positions find no less.
            let longer = list_metrics(&hits, relevant, cutoff + 1);
            prop_assert!(longer.recall >= metrics.recall && longer.hit >= metrics.hit);
            prop_assert!(longer.average_precision >= metrics.average_precision);
        }

        /// If a list has a relevant item one position earlier than another of the same items, it is no worse.
        #[test]
        fn forward_is_better(hits in proptest::collection::vec(any::<bool>(), 2..30), at in 0_usize..28) {
            let at = at % (hits.len() - 1);
            let relevant = hits.iter().filter(|hit| **hit).count();
            let (mut forward, mut back) = (hits.clone(), hits.clone());
            let (first, second) = (hits[at] || hits[at + 1], hits[at] && hits[at + 1]);
            (forward[at], forward[at + 1]) = (first, second);
            (back[at], back[at + 1]) = (second, first);
            let measure = |hits: &[bool]| list_metrics(hits, relevant, hits.len());
            let (forward, back) = (measure(&forward), measure(&back));
            let counted = |metrics: ListMetrics| [metrics.recall, metrics.precision].map(f64::to_bits);
            prop_assert_eq!(counted(forward), counted(back));
            prop_assert!(forward.ndcg >= back.ndcg && forward.average_precision >= back.average_precision);
            prop_assert!(forward.reciprocal_rank >= back.reciprocal_rank);
        }
    }
}
