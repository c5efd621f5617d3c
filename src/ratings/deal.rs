//! Counting and dealing over all cores.

use super::Ratings;
use rayon::prelude::*;

/// Ratings that a thread counts or deals in one go, at least.
const CHUNK: usize = 1 << 16;

/// A chunk a thread, for work whose result does not depend on how it is cut.
fn chunk(length: usize) -> usize {
    length.div_ceil(rayon::current_num_threads()).max(CHUNK)
}

/// How often each number below `size` comes.
pub(crate) fn count(numbers: &[u32], size: usize) -> Vec<u32> {
    let counted = |numbers: &[u32]| {
        let mut count = vec![0; size];
        numbers.iter().for_each(|&n| count[n as usize] += 1);
        count
    };
    let sum = |mut sum: Vec<u32>, count: Vec<u32>| {
        sum.iter_mut().zip(&count).for_each(|(sum, count)| *sum += count);
        sum
    };
    numbers.par_chunks(chunk(numbers.len())).map(counted).reduce_with(sum).unwrap_or_else(|| vec![0; size])
}

/// The ratings of each stage, in their order, each as `placed` gives it.
pub(super) fn dealt(
    ratings: &Ratings,
    stage_of: &[u32],
    stages: usize,
    placed: impl Fn((u32, u32, f32)) -> (u32, u32, f32) + Sync,
) -> Vec<Ratings> {
    let size = chunk(ratings.len());
    let sizes = |users: &[u32]| {
        let mut sizes = vec![0; stages];
        users.iter().for_each(|&user| sizes[stage_of[user as usize] as usize] += 1);
        sizes
    };
    let sizes: Vec<Vec<usize>> = ratings.users.par_chunks(size).map(sizes).collect();
    let mut cut: Vec<Ratings> = (0..stages)
        .into_par_iter()
        .map(|stage| {
            let length = sizes.iter().map(|sizes| sizes[stage]).sum();
            Ratings { users: vec![0; length], items: vec![0; length], values: vec![0.0; length] }
        })
        .collect();
    // Of each chunk, the part of every stage that its ratings go to.
    let mut parts: Vec<Vec<_>> = sizes.iter().map(|_| Vec::with_capacity(stages)).collect();
    for (stage, Ratings { users, items, values }) in cut.iter_mut().enumerate() {
        let mut rest = (&mut users[..], &mut items[..], &mut values[..]);
        for (sizes, parts) in sizes.iter().zip(&mut parts) {
            let at = sizes[stage];
            let (users, items, values) =
                (rest.0.split_at_mut(at), rest.1.split_at_mut(at), rest.2.split_at_mut(at));
            parts.push((users.0.iter_mut(), items.0.iter_mut(), values.0.iter_mut()));
            rest = (users.1, items.1, values.1);
        }
    }
    parts.into_par_iter().enumerate().for_each(|(place, mut parts)| {
        for n in place * size..ratings.len().min((place + 1) * size) {
            let user = ratings.users[n];
            let (users, items, values) = &mut parts[stage_of[user as usize] as usize];
            let rating = placed((user, ratings.items[n], ratings.values[n]));
            if let (Some(user), Some(item), Some(value)) = (users.next(), items.next(), values.next()) {
                (*user, *item, *value) = rating;
            }
        }
    });
    cut
}

/// The places of each number below `counts.len()`, one number after the other, each number's in order: a counting sort
/// of which every thread does a range of the numbers.
pub(crate) fn places(numbers: &[u32], counts: &[u32]) -> Vec<u32> {
    let mut order = vec![0; numbers.len()];
    let share = chunk(numbers.len());
    let (mut parts, mut rest, mut first) = (Vec::new(), &mut order[..], 0);
    while first < counts.len() {
        let (mut end, mut size) = (first, 0);
        while end < counts.len() && size < share {
            size += counts[end] as usize;
            end += 1;
        }
        let (part, after) = rest.split_at_mut(size);
        parts.push((first..end, part));
        (rest, first) = (after, end);
    }
    parts.into_par_iter().for_each(|(range, part)| {
        let mut next: Vec<usize> = Vec::with_capacity(range.len());
        let mut start = 0;
        for &count in &counts[range.clone()] {
            next.push(start);
            start += count as usize;
        }
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

    /// Several chunks, and numbers that never come, at both ends too.
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
        let cut =
            pool.install(|| dealt(&ratings, &stage_of, 4, |(user, item, value)| (user, item + 1, value)));
        for (stage, part) in (0..).zip(&cut) {
            let expected: Vec<_> =
                ratings.iter().filter(|(user, ..)| stage_of[*user as usize] == stage).collect();
            let found: Vec<_> = part.iter().map(|(user, item, value)| (user, item - 1, value)).collect();
            assert_eq!(found, expected, "{stage}");
        }
    }
}
