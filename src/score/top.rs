//! The best items of each user, in memory for a few tiles of scores and the lists themselves.

use super::best::Best;
use super::{Noise, deviation_block, score, score_block};
use crate::model::{Model, Rated};
use rayon::prelude::*;

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
    /// Only items of at least this score, in rating units, with what exploring adds to it.
    pub min_score: f32,
    /// How many times the standard deviation over the model's draws is added to a score before items are ranked; 0 where
    /// nothing is to be explored, and for a model of one draw of no consequence.
    pub explore: f32,
}

impl Default for TopOptions<'_> {
    fn default() -> Self {
        Self { count: 20, exclude: None, allowed: None, min_score: f32::NEG_INFINITY, explore: 0.0 }
    }
}

/// For each of `users` the items of highest score with their scores, best first; equal scores in the order of
/// the items' numbers. Scores are in rating units and not clipped, since a clipped list has no order at its top.
/// With [`TopOptions::explore`] the order is that of the score and what exploring adds, and the scores that are given are
/// still the scores. A user the model does not know (`None`) gets the items of highest bias, the list that suits nobody in
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
        let mut lists = top_of_block(model, &users, options);
        if options.explore.to_bits() != 0 {
            for (&user, list) in users.iter().zip(&mut lists) {
                list.iter_mut().for_each(|(item, ranked)| *ranked = score(model, user, Some(*item)));
            }
        }
        lists
    };
    users.par_chunks(USERS).flat_map_iter(block).collect()
}

fn top_of_block(model: &Model, users: &[Option<u32>], options: &TopOptions) -> Vec<Vec<(u32, f32)>> {
    let count = model.items.len();
    let mut lists: Vec<Best> = users.iter().map(|_| Best::new(options.count, options.min_score)).collect();
    let seen: Vec<&[u32]> = users.iter().map(|user| seen(*user, options)).collect();
    let mut buffer = vec![0.0; users.len() * ITEMS.min(count)];
    let explore = options.explore.to_bits() != 0;
    let mut deviations = if explore { buffer.clone() } else { Vec::new() };
    for start in (0..count).step_by(ITEMS) {
        let tile = start..count.min(start + ITEMS);
        let allowed = options.allowed.map(|allowed| &allowed[tile.clone()]);
        if allowed.is_some_and(|allowed| !allowed.contains(&true)) {
            continue;
        }
        let scores = &mut buffer[..users.len() * tile.len()];
        score_block(model, users, tile.clone(), scores);
        if explore {
            let deviations = &mut deviations[..scores.len()];
            deviation_block(model, users, tile.clone(), (scores, Noise::Without), deviations);
            scores.iter_mut().zip(deviations).for_each(|(score, more)| *score += options.explore * *more);
        }
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
