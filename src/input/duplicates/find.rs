//! Finds several ratings of one item by one user. Rows are grouped by user. Unless they are sorted by user, this takes
//! a counting sort of row numbers (4 bytes a rating). Then the rows of all users are searched in parallel.

use crate::input::options::Duplicates;
use crate::ratings::{Ratings, count, places, starts};
use prefetch_index::prefetch_index;
use rayon::prelude::*;

/// The duplicates that a thread found.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    pub(super) changes: Vec<Change>,
    /// The rows to remove.
    pub(super) gone: Vec<u32>,
}

/// A pair that was rated more than once: the rows of its first two ratings and of its latest, and the merged
/// value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) first: u32,
    pub(super) second: u32,
    pub(super) last: u32,
    pub(super) value: f32,
}

/// Searches the ratings of every user for duplicates. The times are those of the ratings, or none.
pub(super) fn find(
    (ratings, times): (&Ratings, &[i64]),
    (users, items): (usize, usize),
    how: Duplicates,
) -> Vec<Repeats> {
    let counts = count(&ratings.users, users);
    // If the files are sorted by user, the rows need no sorting.
    let sorted = ratings.users.par_windows(2).all(|pair| pair[0] <= pair[1]);
    let order = if sorted { Vec::new() } else { places(&ratings.users, &counts) };
    let starts = starts(&counts);
    // An array of the last rater of each item takes one number an item and thread. That is worth it where
    // items have many ratings.
    let quick = items.saturating_mul(rayon::current_num_threads()) <= ratings.len();
    let raters = if quick { items } else { 0 };
    (0..counts.len())
        .into_par_iter()
        .with_min_len(counts.len().div_ceil(4 * rayon::current_num_threads()))
        .fold(
            || (Repeats::default(), Vec::new(), vec![u32::MAX; raters]),
            |(mut found, mut rows, mut last_rater): (Repeats, Vec<u32>, Vec<u32>), user| {
                let own = starts[user]..starts[user + 1];
                rows.clear();
                if sorted {
                    rows.extend(own.map(|row| row as u32));
                } else {
                    rows.extend_from_slice(&order[own]);
                    // The next user's ratings lie anywhere in memory, so their items are prefetched.
                    let next = starts[user + 1]..starts.get(user + 2).map_or(order.len(), |&end| end);
                    order[next].iter().for_each(|&row| prefetch_index(&ratings.items, row as usize));
                }
                let rater = |row: &u32| {
                    let item = ratings.items[*row as usize] as usize;
                    std::mem::replace(&mut last_rater[item], user as u32) == user as u32
                };
                // Most users rate no item twice.
                if !quick || rows.iter().any(rater) {
                    scan(&mut rows, (ratings, times), how, &mut found);
                }
                (found, rows, last_rater)
            },
        )
        .map(|(found, ..)| found)
        .collect()
}

/// Finds the duplicates among the rows of one user.
fn scan(rows: &mut [u32], (ratings, times): (&Ratings, &[i64]), how: Duplicates, found: &mut Repeats) {
    let item = |row: u32| ratings.items[row as usize];
    rows.sort_unstable_by_key(|&row| u64::from(item(row)) << 32 | u64::from(row));
    for same in rows.chunk_by(|&a, &b| item(a) == item(b)) {
        let [first, rest @ ..] = same else { continue };
        let (Some(&second), Some(&end)) = (rest.first(), rest.last()) else { continue };
        // The latest counts; of equal times the last in the files, as where nothing is known of times.
        let last = same.iter().copied().max_by_key(|&row| (times.get(row as usize), row)).unwrap_or(end);
        let value = |row: u32| ratings.values[row as usize];
        let sum = || same.iter().map(|&row| f64::from(value(row))).sum::<f64>();
        let value = match how {
            Duplicates::Mean => (sum() / same.len() as f64) as f32,
            Duplicates::Sum => sum() as f32,
            Duplicates::Count => same.len() as f32,
            Duplicates::Last | Duplicates::Error => value(last),
        };
        found.changes.push(Change { first: *first, second, last, value });
        found.gone.extend_from_slice(rest);
    }
}
