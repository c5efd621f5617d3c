//! The best of many scores, with a heap.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The best of what was pushed, in the order of ascending items.
pub(super) struct Best {
    count: usize,
    min_score: f32,
    /// Its greatest entry is the worst of the list.
    heap: BinaryHeap<Entry>,
}

impl Best {
    /// At most `count`, of at least `min_score`.
    pub(super) fn new(count: usize, min_score: f32) -> Self {
        Self { count, min_score, heap: BinaryHeap::new() }
    }

    /// Whether an item after all those pushed would be listed. Of equal scores the earlier item is.
    pub(super) fn wants(&self, score: f32) -> bool {
        if self.heap.len() < self.count {
            score >= self.min_score
        } else {
            self.heap.peek().is_some_and(|worst| score > worst.score)
        }
    }

    /// Adds an item that is wanted.
    pub(super) fn push(&mut self, score: f32, item: u32) {
        if self.heap.len() == self.count {
            self.heap.pop();
        }
        // Both zeros are one.
        self.heap.push(Entry { score: score + 0.0, item });
    }

    /// Items and scores, best first.
    pub(super) fn sorted(self) -> Vec<(u32, f32)> {
        self.heap.into_sorted_vec().into_iter().map(|entry| (entry.item, entry.score)).collect()
    }
}

/// An item of a list; the better, the smaller.
struct Entry {
    score: f32,
    item: u32,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.item.cmp(&other.item))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}
