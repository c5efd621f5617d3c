//! Groups a few stages at a time: all at once would take as much memory as the ratings do.

use super::buffers::Buffer;
use super::deal::{Deal, count};
use super::numbers::Numbers;
use super::stage::Stage;
use crate::ratings::Sides;
use rayon::prelude::*;

/// Groups ratings by stages, a few at a time. `first` has the first user of each stage and the end of the
/// last one; `users` and `items` have the numbers of ratings per row; about `most` ratings are assigned at a
/// time.
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
