//! The best items of each user, in memory for a few tiles of scores and the lists themselves.

use super::score_block;
use crate::model::{Model, Rated};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Users of one task.
const USERS: usize = 64;
/// Items that are scored before their scores are looked at; a tile of scores stays in the cache.
const ITEMS: usize = 512;

/// What may be in a list.
#[derive(Debug, Clone, Copy)]
pub struct TopOptions<'a> {
    /// How long a list is at most.
    pub count: usize,
    /// Leave out what the user has rated here.
    pub exclude: Option<&'a Rated>,
    /// Only items marked true; one mark an item.
    pub allowed: Option<&'a [bool]>,
    /// Only items of at least this score, in rating units.
    pub min_score: f32,
}

impl Default for TopOptions<'_> {
    fn default() -> Self {
        Self { count: 20, exclude: None, allowed: None, min_score: f32::NEG_INFINITY }
    }
}

/// For each of `users` the items of highest score with their scores, best first; equal scores in the order of
/// the items' numbers. Scores are in rating units and not clipped, since a clipped list has no order at its top.
/// A user the model does not know (`None`) gets the items of highest bias, the list that suits nobody in
/// particular. The result does not depend on the number of threads.
///
/// # Panics
/// If a user is no row of the model, or `allowed` has not one mark an item.
pub fn top_items<User>(model: &Model, users: &[User], options: &TopOptions) -> Vec<Vec<(u32, f32)>>
where
    User: Copy + Into<Option<u32>> + Sync,
{
    if let Some(allowed) = options.allowed {
        assert_eq!(allowed.len(), model.items.len(), "one mark an item");
    }
    let block = |users: &[User]| {
        let users: Vec<Option<u32>> = users.iter().map(|&user| user.into()).collect();
        top_of_block(model, &users, options)
    };
    users.par_chunks(USERS).flat_map_iter(block).collect()
}

fn top_of_block(model: &Model, users: &[Option<u32>], options: &TopOptions) -> Vec<Vec<(u32, f32)>> {
    let count = model.items.len();
    let mut lists: Vec<Best> = users.iter().map(|_| Best::new(options)).collect();
    let seen: Vec<&[u32]> = users.iter().map(|user| seen(*user, options)).collect();
    let mut buffer = vec![0.0; users.len() * ITEMS.min(count)];
    for start in (0..count).step_by(ITEMS) {
        let tile = start..count.min(start + ITEMS);
        let allowed = options.allowed.map(|allowed| &allowed[tile.clone()]);
        if allowed.is_some_and(|allowed| !allowed.contains(&true)) {
            continue;
        }
        let scores = &mut buffer[..users.len() * tile.len()];
        score_block(model, users, tile.clone(), scores);
        for ((list, seen), scores) in lists.iter_mut().zip(&seen).zip(scores.chunks_mut(tile.len())) {
            // What is not a number is never listed.
            let from = seen.partition_point(|&item| (item as usize) < tile.start);
            for &item in seen[from..].iter().take_while(|&&item| (item as usize) < tile.end) {
                scores[item as usize - tile.start] = f32::NAN;
            }
            for (at, &score) in scores.iter().enumerate() {
                if list.wants(score) && allowed.is_none_or(|allowed| allowed[at]) {
                    list.push(score, (start + at) as u32);
                }
            }
        }
    }
    lists.into_iter().map(Best::sorted).collect()
}

fn seen<'a>(user: Option<u32>, options: &TopOptions<'a>) -> &'a [u32] {
    match (user, options.exclude) {
        (Some(user), Some(rated)) => rated.items(user),
        _ => &[],
    }
}

/// The best of what was pushed, in the order of ascending items.
struct Best {
    count: usize,
    min_score: f32,
    /// Its greatest entry is the worst of the list.
    heap: BinaryHeap<Entry>,
}

impl Best {
    fn new(options: &TopOptions) -> Self {
        Self { count: options.count, min_score: options.min_score, heap: BinaryHeap::new() }
    }

    /// Whether an item after all those pushed would be listed. Of equal scores the earlier item is.
    fn wants(&self, score: f32) -> bool {
        if self.heap.len() < self.count {
            score >= self.min_score
        } else {
            self.heap.peek().is_some_and(|worst| score > worst.score)
        }
    }

    fn push(&mut self, score: f32, item: u32) {
        if self.heap.len() == self.count {
            self.heap.pop();
        }
        // Both zeros are one.
        self.heap.push(Entry { score: score + 0.0, item });
    }

    fn sorted(self) -> Vec<(u32, f32)> {
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
