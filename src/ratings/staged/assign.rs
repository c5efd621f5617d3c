//! Assigns users to stages, and orders rows for training.

use crate::math::philox::{Purpose, bits, key};
use rayon::prelude::*;

/// Assigns users in a seeded random order to stages, so that each stage gets about the same number of
/// ratings.
pub(super) fn assign(activity: &[u32], total: usize, stages: usize, seed: u64) -> Vec<u32> {
    let key = key(seed, Purpose::Stage);
    let mut order: Vec<u32> = (0..activity.len() as u32).collect();
    order.par_sort_by_cached_key(|&user| (bits(key, u64::from(user)), user));
    let mut stage_of = vec![0; activity.len()];
    let mut before = 0u64;
    for user in order {
        stage_of[user as usize] =
            ((before * stages as u64 / total.max(1) as u64) as usize).min(stages - 1) as u32;
        before += u64::from(activity[user as usize]);
    }
    stage_of
}

/// The position of each row when rows are sorted by `order`, and by number where `order` is equal.
pub(super) fn positions(size: usize, order: impl Fn(usize) -> (u32, u32) + Sync) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..size as u32).collect();
    sorted.par_sort_by_cached_key(|&n| (order(n as usize), n));
    let mut positions = vec![0; size];
    sorted.iter().enumerate().for_each(|(position, &n)| positions[n as usize] = position as u32);
    positions
}

/// The counts in the order of positions.
pub(super) fn moved(counts: &[u32], position: &[u32]) -> Vec<u32> {
    let mut moved = vec![0; counts.len()];
    position.iter().zip(counts).for_each(|(&position, &count)| moved[position as usize] = count);
    moved
}
