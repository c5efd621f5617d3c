//! Splits into ratings to train on and ratings held out: at random, by each user's latest, or in folds.

use super::{Ratings, Triples};
use crate::Result;
use crate::math::philox::{Purpose, Stream, bits, key};
use rand::seq::SliceRandom;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// Splits `ratings` into `(kept, held_out)`. Each rating is held out with probability `fraction`, by a random
/// number that depends only on `seed` and on the rating's position in the file.
pub fn split(ratings: &Ratings, fraction: f64, seed: u64) -> (Ratings, Ratings) {
    part(ratings, &random(ratings.len(), fraction, seed))
}

/// Marks those of `count` ratings that [`split`] holds out.
pub fn random(count: usize, fraction: f64, seed: u64) -> Vec<bool> {
    Draw::new(fraction, seed).marks(0..count)
}

/// A random part of ratings, by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    key: [u32; 2],
    threshold: u64,
}

impl Draw {
    /// Each rating is in it with probability `fraction`.
    pub fn new(fraction: f64, seed: u64) -> Self {
        let threshold = (fraction.clamp(0.0, 1.0) * 2f64.powi(64)) as u64;
        Self { key: key(seed, Purpose::Split), threshold }
    }

    /// Marks those of the ratings at these positions that are in it.
    pub fn marks(&self, places: Range<usize>) -> Vec<bool> {
        places.into_par_iter().map(|place| bits(self.key, place as u64) < self.threshold).collect()
    }
}

/// Marks the latest `count` ratings of each of `users` users. Without `times`, or among ratings of the same
/// time, a later position in the file is later. A user with at most `count` ratings has none marked, so that
/// some remain to train on.
///
/// # Panics
/// If there are times, but not one per rating.
pub fn latest(ratings: &Ratings, times: &[i64], users: usize, count: usize) -> Vec<bool> {
    assert!(times.is_empty() || times.len() == ratings.len(), "a time a rating");
    let counts = super::count(&ratings.users, users);
    let mut order = super::places(&ratings.users, &counts);
    let (mut held_out, mut rest) = (vec![false; ratings.len()], &mut order[..]);
    for size in counts {
        let (own, after) = rest.split_at_mut(size as usize);
        rest = after;
        if !times.is_empty() {
            own.sort_by_key(|&place| times[place as usize]);
        }
        if own.len() > count {
            own[own.len() - count..].iter().for_each(|&place| held_out[place as usize] = true);
        }
    }
    held_out
}

/// As [`latest`], for ratings that may be on disk, with their own times.
///
/// # Errors
/// Those of reading.
pub fn latest_of(ratings: &dyn Triples, users: usize, count: usize) -> Result<Vec<bool>> {
    let mut counts = vec![0_usize; users];
    // The latest of each user so far, the earliest of them on top.
    let mut last: Vec<BinaryHeap<Reverse<(i64, usize)>>> = vec![BinaryHeap::new(); users];
    ratings.each(&mut |first, chunk| {
        for (n, &user) in chunk.users.iter().enumerate() {
            let own = &mut last[user as usize];
            counts[user as usize] += 1;
            own.push(Reverse((chunk.times.get(n).copied().unwrap_or(0), first + n)));
            if own.len() > count {
                own.pop();
            }
        }
        Ok(())
    })?;
    let mut marks = vec![false; ratings.len()];
    for (own, _) in last.iter().zip(counts).filter(|(_, rated)| *rated > count) {
        own.iter().for_each(|Reverse((_, place))| marks[*place] = true);
    }
    Ok(marks)
}

/// The fold of each of `count` ratings, from 0, assigned at random; the sizes of the `folds` folds differ by
/// at most one.
pub fn folds(count: usize, folds: u8, seed: u64) -> Vec<u8> {
    let mut dealt: Vec<u8> = (0..folds).cycle().take(count).collect();
    dealt.shuffle(&mut Stream::new(seed, Purpose::Split, 0));
    dealt
}

/// Splits ratings by their marks into `(kept, held_out)`.
///
/// # Panics
/// If there is not one mark per rating.
pub fn part(ratings: &Ratings, held_out: &[bool]) -> (Ratings, Ratings) {
    rayon::join(|| chosen(ratings, held_out, false), || marked(ratings, held_out))
}

/// The marked ratings.
///
/// # Panics
/// If there is not one mark per rating.
pub fn marked(ratings: &Ratings, marks: &[bool]) -> Ratings {
    chosen(ratings, marks, true)
}

/// The ratings whose mark equals `so`.
fn chosen(ratings: &Ratings, marks: &[bool], so: bool) -> Ratings {
    assert_eq!(ratings.len(), marks.len(), "a mark a rating");
    let size = marks.par_iter().filter(|&&mark| mark == so).count();
    let ((users, items), values) = rayon::join(
        || rayon::join(|| only(&ratings.users, marks, so, size), || only(&ratings.items, marks, so, size)),
        || only(&ratings.values, marks, so, size),
    );
    Ratings { users, items, values }
}

/// The `size` values whose mark equals `marked`.
fn only<T: Copy>(values: &[T], marks: &[bool], marked: bool, size: usize) -> Vec<T> {
    let mut chosen = Vec::with_capacity(size);
    chosen.extend(values.iter().zip(marks).filter(|&(_, &mark)| mark == marked).map(|(&value, _)| value));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_a_partition_of_the_asked_size_that_depends_on_the_seed() {
        let mut ratings = Ratings::default();
        (0..10_000).for_each(|n| ratings.push(n, n, n as f32));
        let (kept, held_out) = split(&ratings, 0.05, 1);
        assert_eq!(kept.len() + held_out.len(), ratings.len());
        assert!((400..600).contains(&held_out.len()), "{}", held_out.len());
        assert_ne!(held_out, split(&ratings, 0.05, 2).1);
        assert_eq!(held_out, split(&ratings, 0.05, 1).1);
        assert!(split(&ratings, 0.0, 1).1.is_empty());
    }

    /// Users 0, 1, 0, 0, 1, 2.
    fn some() -> Ratings {
        let mut ratings = Ratings::default();
        [0, 1, 0, 0, 1, 2].iter().zip(0..).for_each(|(&user, item)| ratings.push(user, item, item as f32));
        ratings
    }

    #[test]
    fn the_latest_of_each_user() {
        let marked = |times: &[i64], count| {
            let marks = latest(&some(), times, 4, count);
            (0..6).filter(|&place| marks[place]).collect::<Vec<_>>()
        };
        assert_eq!(marked(&[], 1), [3, 4], "by the file; user 2 has only one");
        assert_eq!(marked(&[], 2), [2, 3], "users 1 and 2 have too few");
        assert_eq!(marked(&[9, 5, 1, 3, 4, 0], 1), [0, 1], "by time");
        assert_eq!(marked(&[7, 7, 7, 7, 7, 7], 2), [2, 3], "one time: by the file");
        assert!(marked(&[], 0).is_empty());
        let (kept, taken) = part(&some(), &latest(&some(), &[], 4, 1));
        assert_eq!((kept.items, taken.items), (vec![0, 1, 2, 5], vec![3, 4]));
    }

    #[test]
    fn folds_are_of_one_size_and_depend_on_the_seed() {
        let dealt = folds(10_003, 5, 1);
        let sizes = |dealt: &[u8]| {
            let mut sizes = [0; 6];
            dealt.iter().for_each(|&fold| sizes[usize::from(fold)] += 1);
            sizes
        };
        assert_eq!(sizes(&dealt), [2001, 2001, 2001, 2000, 2000, 0]);
        // Each fold has about as many in the first half as in the second: the standard deviation is 22.
        let halves = sizes(&dealt[..5000]);
        assert!(halves[..5].iter().all(|size| (900..1100).contains(size)), "{halves:?}");
        assert!(dealt == folds(10_003, 5, 1) && dealt != folds(10_003, 5, 2));
        assert!(folds(0, 5, 1).is_empty());
    }

    proptest! {
        /// No rating that stays is later than one its user loses; each user loses exactly `count` ratings or
        /// none.
        #[test]
        fn nothing_that_stays_is_later(
            rows in proptest::collection::vec((0_u32..6, -9_i64..9), 0..60),
            count in 0_usize..5,
        ) {
            let (mut ratings, mut times) = (Ratings::default(), Vec::new());
            for (user, time) in &rows {
                ratings.push(*user, times.len() as u32, 0.0);
                times.push(*time);
            }
            let marks = latest(&ratings, &times, 6, count);
            if times.iter().all(|time| *time == 0) {
                prop_assert_eq!(&marks, &latest_of(&ratings, 6, count).unwrap());
            }
            for user in 0..6 {
                let own = || (0..rows.len()).filter(|&place| rows[place].0 == user);
                let lost = own().filter(|&place| marks[place]);
                prop_assert_eq!(lost.clone().count(), if own().count() > count { count } else { 0 });
                let key = |place: usize| (times[place], place);
                let last_kept = own().filter(|&place| !marks[place]).map(key).max();
                prop_assert!(lost.map(key).all(|key| last_kept.is_none_or(|kept| kept < key)));
            }
        }
    }
}
