//! Counting ratings and assigning them to stages, on all cores.

use crate::ratings::{Kept, Ratings};
use rayon::prelude::*;
use std::ops::Range;

/// The fewest ratings that a thread counts or assigns at once.
const CHUNK: usize = 1 << 16;

/// The size of chunks when each thread gets one, for work whose result does not depend on the division.
fn chunk(length: usize) -> usize {
    length.div_ceil(rayon::current_num_threads()).max(CHUNK)
}

/// Counts how often each number below `size` occurs.
pub(crate) fn count(numbers: &[u32], size: usize) -> Vec<u32> {
    count_kept(numbers, &[], size)
}

/// Counts how often each number below `size` occurs, except where a mark leaves it out.
pub(super) fn count_kept(numbers: &[u32], left_out: &[bool], size: usize) -> Vec<u32> {
    let chunk = chunk(numbers.len());
    let counted = |(place, numbers): (usize, &[u32])| {
        let mut count = vec![0; size];
        if left_out.is_empty() {
            numbers.iter().for_each(|&n| count[n as usize] += 1);
        } else {
            let marks = &left_out[place * chunk..];
            numbers.iter().zip(marks).for_each(|(&n, &left_out)| count[n as usize] += u32::from(!left_out));
        }
        count
    };
    let sum = |mut sum: Vec<u32>, count: Vec<u32>| {
        sum.iter_mut().zip(&count).for_each(|(sum, count)| *sum += count);
        sum
    };
    numbers.par_chunks(chunk).enumerate().map(counted).reduce_with(sum).unwrap_or_else(|| vec![0; size])
}

/// Assigns ratings to stages, a few stages at a time: all at once would take as much memory as the ratings
/// do.
pub(super) struct Deal<'a> {
    kept: Kept<'a>,
    stage_of: &'a [u32],
    /// The number of ratings in a chunk, and how many ratings of each chunk go to each stage.
    chunk: usize,
    sizes: Vec<Vec<usize>>,
}

impl<'a> Deal<'a> {
    /// Prepares to assign each user's ratings to that user's stage, out of `stages`.
    pub(super) fn new(kept: Kept<'a>, stage_of: &'a [u32], stages: usize) -> Self {
        let chunk = chunk(kept.ratings.len());
        let sizes = |(place, users): (usize, &[u32])| {
            let mut sizes = vec![0; stages];
            for (n, &user) in (place * chunk..).zip(users) {
                sizes[stage_of[user as usize] as usize] += usize::from(kept.has(n));
            }
            sizes
        };
        let sizes = kept.ratings.users.par_chunks(chunk).enumerate().map(sizes).collect();
        Self { kept, stage_of, chunk, sizes }
    }

    /// The number of ratings that a stage gets.
    pub(super) fn size(&self, stage: usize) -> usize {
        self.sizes.iter().map(|sizes| sizes[stage]).sum()
    }

    /// Fills `dealt` with the ratings of some stages, in order, each converted by `placed`. Its memory is
    /// reused.
    pub(super) fn deal(
        &self,
        stages: Range<usize>,
        placed: impl Fn((u32, u32, f32)) -> (u32, u32, f32) + Sync,
        dealt: &mut Vec<Ratings>,
    ) {
        dealt.resize_with(stages.len(), Ratings::default);
        for (stage, Ratings { users, items, values }) in stages.clone().zip(&mut *dealt) {
            let length = self.size(stage);
            users.resize(length, 0);
            items.resize(length, 0);
            values.resize(length, 0.0);
        }
        // For each chunk, the part of every stage that the chunk's ratings go to.
        let mut parts: Vec<Vec<_>> = self.sizes.iter().map(|_| Vec::with_capacity(stages.len())).collect();
        for (stage, Ratings { users, items, values }) in stages.clone().zip(&mut *dealt) {
            let mut rest = (&mut users[..], &mut items[..], &mut values[..]);
            for (sizes, parts) in self.sizes.iter().zip(&mut parts) {
                let at = sizes[stage];
                let (users, items, values) =
                    (rest.0.split_at_mut(at), rest.1.split_at_mut(at), rest.2.split_at_mut(at));
                parts.push((users.0.iter_mut(), items.0.iter_mut(), values.0.iter_mut()));
                rest = (users.1, items.1, values.1);
            }
        }
        let Ratings { users, items, values } = self.kept.ratings;
        parts.into_par_iter().enumerate().for_each(|(place, mut parts)| {
            for n in place * self.chunk..users.len().min((place + 1) * self.chunk) {
                let stage = (self.stage_of[users[n] as usize] as usize).wrapping_sub(stages.start);
                let Some(part) = parts.get_mut(stage).filter(|_| self.kept.has(n)) else { continue };
                let rating = placed((users[n], items[n], values[n]));
                if let (Some(user), Some(item), Some(value)) = (part.0.next(), part.1.next(), part.2.next()) {
                    (*user, *item, *value) = rating;
                }
            }
        });
    }
}

/// The start of each row, for rows with these numbers of ratings, and the end of the last one.
pub(crate) fn starts(counts: &[u32]) -> Vec<usize> {
    let mut starts = Vec::with_capacity(counts.len() + 1);
    starts.push(0);
    starts.extend(counts.iter().scan(0, |end, &count| {
        *end += count as usize;
        Some(*end)
    }));
    starts
}

/// Cuts `0..counts.len()` into ranges of about `share` occurrences; returns each with its exact count.
/// `counts` has the number of occurrences of each number.
pub(super) fn ranges(counts: &[u32], share: usize) -> Vec<(Range<usize>, usize)> {
    let (mut ranges, mut first) = (Vec::new(), 0);
    while first < counts.len() {
        let (mut end, mut size) = (first, 0);
        while end < counts.len() && size < share {
            size += counts[end] as usize;
            end += 1;
        }
        ranges.push((first..end, size));
        first = end;
    }
    ranges
}

/// The positions of each number below `counts.len()`, number after number, each number's positions ascending.
/// This is a counting sort in which every thread takes a range of the numbers.
pub(crate) fn places(numbers: &[u32], counts: &[u32]) -> Vec<u32> {
    let mut order = vec![0; numbers.len()];
    let (mut parts, mut rest) = (Vec::new(), &mut order[..]);
    for (range, size) in ranges(counts, chunk(numbers.len())) {
        let (part, after) = rest.split_at_mut(size);
        parts.push((range, part));
        rest = after;
    }
    parts.into_par_iter().for_each(|(range, part)| {
        let mut next = starts(&counts[range.clone()]);
        next.pop();
        for (place, &number) in (0..).zip(numbers) {
            if let Some(next) = (number as usize).checked_sub(range.start).and_then(|own| next.get_mut(own)) {
                part[*next] = place;
                *next += 1;
            }
        }
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Several chunks, and numbers that never occur, also at both ends.
    #[test]
    fn as_one_thread_would() {
        let numbers: Vec<u32> =
            (0..5 * CHUNK as u32).map(|n| 3 + n.wrapping_mul(2_654_435_761) % 97 / 2 * 2).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let (counts, order) = pool.install(|| {
            let counts = count(&numbers, 110);
            let order = places(&numbers, &counts);
            (counts, order)
        });
        for (number, &count) in (0..).zip(&counts) {
            assert_eq!(count as usize, numbers.iter().filter(|&&other| other == number).count(), "{number}");
        }
        let mut expected: Vec<u32> = (0..numbers.len() as u32).collect();
        expected.sort_by_key(|&place| numbers[place as usize]);
        assert_eq!(order, expected);
        assert_eq!((count(&[], 2), places(&[], &[0, 0])), (vec![0, 0], vec![]));
    }

    #[test]
    fn dealt_in_order() {
        let mut ratings = Ratings::default();
        (0..3 * CHUNK as u32 + 7).for_each(|n| ratings.push(n % 5, n, n as f32));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let stage_of = [2, 0, 2, 1, 0];
        let left_out: Vec<bool> = (0..ratings.len()).map(|n| n % 7 == 3).collect();
        for marks in [&[][..], &left_out] {
            let kept = Kept::without(&ratings, marks);
            let counts = pool.install(|| count_kept(&ratings.users, marks, 5));
            let cut: Vec<Ratings> = pool.install(|| {
                let deal = Deal::new(kept, &stage_of, 4);
                let mut cut = Vec::new();
                let mut dealt = Vec::new();
                for stages in [0..1, 1..4] {
                    deal.deal(stages, |(user, item, value)| (user, item + 1, value), &mut dealt);
                    cut.extend_from_slice(&dealt);
                }
                cut
            });
            for (stage, part) in (0..).zip(&cut) {
                let kept = (0..ratings.len()).filter(|&n| kept.has(n));
                let own = kept.filter(|&n| stage_of[ratings.users[n] as usize] == stage);
                let expected: Vec<_> =
                    own.map(|n| (ratings.users[n], ratings.items[n] + 1, ratings.values[n])).collect();
                assert_eq!(part.iter().collect::<Vec<_>>(), expected, "{stage}");
            }
            let sizes = [counts[1] + counts[4], counts[3], counts[0] + counts[2], 0];
            assert_eq!(cut.iter().map(|part| part.len() as u32).collect::<Vec<_>>(), sizes);
        }
    }
}
