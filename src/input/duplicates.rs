//! Merges several ratings of one item by one user into one, or refuses them. Rows are grouped by user. Unless
//! the files are sorted by user, this takes a counting sort of row numbers (4 bytes a rating). Then the rows
//! of all users are searched in parallel.

use super::gather::Gathered;
use super::options::Duplicates;
use super::value::field::show;
use crate::error::{Error, Result};
use crate::human::thousands;
use crate::ratings::{Dataset, Ratings, count, is_rating, places, starts};
use prefetch_index::prefetch_index;
use rayon::prelude::*;

/// The most ratings, whose numbers have 32 bits. One number is none of them.
const MOST: usize = u32::MAX as usize;

fn too_many() -> Error {
    let most = thousands(MOST as u64);
    Error::TooLarge(format!(
        "found more than {most} ratings, expected at most {most}: train on a part of them"
    ))
}

/// Merges duplicates as asked and counts them.
pub(super) fn merge(gathered: &mut Gathered, how: Duplicates) -> Result<()> {
    let ratings = &gathered.dataset.ratings;
    if ratings.len() > MOST {
        return Err(too_many());
    }
    let found = find(gathered, how);
    let timed = !gathered.dataset.times.is_empty();
    if how == Duplicates::Error {
        if let Some(change) = found.iter().flat_map(|found| &found.changes).min_by_key(|change| change.second)
        {
            return Err(twice(gathered, *change));
        }
        return Ok(());
    }
    let too_large = |change: &&Change| !is_rating(change.value);
    if let Some(change) = found.iter().flat_map(|found| &found.changes).find(too_large) {
        return Err(endless(gathered, *change));
    }
    let ratings = &mut gathered.dataset.ratings;
    let times = &mut gathered.dataset.times;
    if how == Duplicates::Count {
        ratings.values.fill(1.0);
    }
    for change in found.iter().flat_map(|found| &found.changes) {
        ratings.values[change.first as usize] = change.value;
        if !times.is_empty() {
            times[change.first as usize] = times[change.last as usize];
        }
    }
    let mut gone: Vec<u32> = found.into_iter().flat_map(|found| found.gone).collect();
    gone.par_sort_unstable();
    gathered.report.duplicates = gone.len() as u64;
    if !gone.is_empty() {
        gathered.report.merged = words(how, timed, gathered.bad_time.as_deref());
    }
    remove(&mut ratings.users, &gone);
    remove(&mut ratings.items, &gone);
    remove(&mut ratings.values, &gone);
    if !times.is_empty() {
        remove(times, &gone);
    }
    Ok(())
}

/// How duplicates were merged.
fn words(how: Duplicates, timed: bool, bad_time: Option<&str>) -> String {
    match how {
        Duplicates::Last if timed => "the latest by its time counts".into(),
        Duplicates::Last => match bad_time {
            Some(why) => {
                format!("the last in the order of the files counts, since a time cannot be read: {why}")
            }
            None => "the last in the order of the files counts: no column of times is known".into(),
        },
        Duplicates::Mean => "their mean counts".into(),
        Duplicates::Sum => "their sum counts".into(),
        Duplicates::Count | Duplicates::Error => "their number counts".into(),
    }
}

/// The duplicates that a thread found.
#[derive(Debug, Default)]
struct Repeats {
    changes: Vec<Change>,
    /// The rows to remove.
    gone: Vec<u32>,
}

/// A pair that was rated more than once: the rows of its first two ratings and of its latest, and the merged
/// value.
#[derive(Debug, Clone, Copy)]
struct Change {
    first: u32,
    second: u32,
    last: u32,
    value: f32,
}

/// Searches the ratings of every user for duplicates.
fn find(gathered: &Gathered, how: Duplicates) -> Vec<Repeats> {
    let Dataset { ratings, users, items, times, .. } = &gathered.dataset;
    let counts = count(&ratings.users, users.len());
    // If the files are sorted by user, the rows need no sorting.
    let sorted = ratings.users.par_windows(2).all(|pair| pair[0] <= pair[1]);
    let order = if sorted { Vec::new() } else { places(&ratings.users, &counts) };
    let starts = starts(&counts);
    // An array of the last rater of each item takes one number an item and thread. That is worth it where
    // items have many ratings.
    let quick = items.len().saturating_mul(rayon::current_num_threads()) <= ratings.len();
    let raters = if quick { items.len() } else { 0 };
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

/// Removes the elements at `gone`, which ascends.
fn remove<T: Copy>(values: &mut Vec<T>, gone: &[u32]) {
    let Some(&first) = gone.first() else { return };
    let mut kept = first as usize;
    for (index, &row) in gone.iter().enumerate() {
        let until = gone.get(index + 1).map_or(values.len(), |&next| next as usize);
        let from = row as usize + 1;
        values.copy_within(from..until, kept);
        kept += until - from;
    }
    values.truncate(kept);
}

/// The error for a sum beyond the numbers.
fn endless(gathered: &Gathered, change: Change) -> Error {
    let Dataset { ratings, users, items, .. } = &gathered.dataset;
    let first = change.first as usize;
    Error::Input(format!(
        "the values of user `{}` and item `{}` add up to {}, expected at most 1e30",
        show(users.id(ratings.users[first])),
        show(items.id(ratings.items[first])),
        change.value
    ))
}

fn twice(gathered: &Gathered, change: Change) -> Error {
    let dataset = &gathered.dataset;
    let (first, second) = (change.first as usize, change.second as usize);
    Error::Input(format!(
        "{}: found user `{}` and item `{}` again (first at {}), expected one rating a pair; \
         `input.duplicates = last` (or `mean`, `sum`, `count`) merges them",
        gathered.place(second),
        show(dataset.users.id(dataset.ratings.users[second])),
        show(dataset.items.id(dataset.ratings.items[second])),
        gathered.place(first),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The number of the code, of its message, and of the documentation are the same.
    #[test]
    fn the_most_ratings_are_documented() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
        let docs = std::fs::read_to_string(docs).unwrap();
        let most = thousands(MOST as u64);
        assert_eq!(most, "4,294,967,295");
        assert!(docs.contains(&format!("up to {most} of them")));
        assert_eq!(too_many().to_string().matches(&most).count(), 2);
    }

    #[test]
    fn removes_what_it_should() {
        for gone in [&[][..], &[0], &[4], &[0, 1, 4], &[1, 3], &[0, 1, 2, 3, 4]] {
            let mut values = vec![0, 1, 2, 3, 4];
            let expected: Vec<u32> = (0..5).filter(|value| !gone.contains(value)).collect();
            remove(&mut values, gone);
            assert_eq!(values, expected);
        }
    }
}
