//! Stages grouped some at a time: all at once would take as much memory as the ratings do.

use super::buffers::Buffer;
use super::deal::{Deal, count};
use super::numbers::Numbers;
use super::stage::Stage;
use crate::ratings::Sides;
use rayon::prelude::*;

/// Groups ratings by stages, some of them at a time. `first` says of every stage which its first user is, and where the last
/// one ends; then come how many ratings users and items have, and about how many ratings to deal at a time.
pub(super) fn in_waves<T: Copy + Send>(
    deal: &Deal,
    first: &[usize],
    of: Numbers,
    Sides { users, items }: Sides<&[u32]>,
    (seed, most): (u64, usize),
    cell: impl Fn(u32, f32) -> (u32, T) + Sync,
    mut buffers: Vec<Buffer<T>>,
) -> Vec<Stage> {
    let stages = buffers.len();
    let ratings: usize = items.iter().map(|&count| count as usize).sum();
    let wave = (stages * most / ratings.max(1)).clamp(1, stages);
    let ways = rayon::current_num_threads().div_ceil(2 * wave);
    let mut done = Vec::with_capacity(stages);
    let mut dealt = Vec::new();
    for (from, buffers) in (0..stages).step_by(wave).zip(buffers.chunks_mut(wave)) {
        let wave = from..from + buffers.len();
        deal.deal(wave.clone(), |rating| of.placed(rating), &mut dealt);
        done.par_extend(buffers.par_iter_mut().zip(&dealt).zip(wave).map(|((buffer, part), stage)| {
            let own = first[stage]..first[stage + 1];
            let users = (own.start as u32, &users[own]);
            buffer.group(part, users, &count(&part.items, items.len()), (seed, ways), &cell)
        }));
    }
    done
}
