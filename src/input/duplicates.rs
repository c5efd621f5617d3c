//! Several ratings of one item by one user become one, or an error. Rows are grouped by user with a counting sort
//! of their numbers (4 bytes a rating), then each user's are sorted by item, all users at the same time.

use super::gather::Gathered;
use super::options::Duplicates;
use crate::error::{Error, Result};
use crate::ratings::{Ratings, count, places};
use rayon::prelude::*;

/// Stands for a row that is no duplicate.
const SINGLE: u32 = u32::MAX;

/// Merges duplicates as asked and counts them.
pub(super) fn merge(gathered: &mut Gathered, how: Duplicates) -> Result<()> {
    let ratings = &gathered.dataset.ratings;
    if ratings.len() >= SINGLE as usize {
        let message = "more than 4,294,967,294 ratings, expected fewer: train on a part of them";
        return Err(Error::TooLarge(message.into()));
    }
    let groups = count(&ratings.users, gathered.dataset.users.len());
    let mut order = places(&ratings.users, &groups);
    let mut slices = Vec::with_capacity(groups.len());
    let mut rest = &mut order[..];
    for size in groups {
        let (group, after) = rest.split_at_mut(size as usize);
        slices.push(group);
        rest = after;
    }
    let changes: Vec<Vec<Change>> = slices
        .into_par_iter()
        .with_min_len(256)
        .fold(Vec::new, |mut changes, group| {
            scan(group, ratings, how, &mut changes);
            changes
        })
        .collect();
    if how == Duplicates::Error {
        if let Some(change) = changes.iter().flatten().min_by_key(|change| change.second) {
            return Err(twice(gathered, *change));
        }
        return Ok(());
    }
    let ratings = &mut gathered.dataset.ratings;
    let times = &mut gathered.dataset.times;
    for change in changes.iter().flatten() {
        ratings.values[change.first as usize] = change.value;
        if !times.is_empty() {
            times[change.first as usize] = times[change.last as usize];
        }
    }
    drop(changes);
    order.retain(|&row| row != SINGLE);
    order.par_sort_unstable();
    gathered.report.duplicates = order.len() as u64;
    remove(&mut ratings.users, &order);
    remove(&mut ratings.items, &order);
    remove(&mut ratings.values, &order);
    if !times.is_empty() {
        remove(times, &order);
    }
    Ok(())
}

/// A pair that was rated more than once: the rows of its first two ratings and of its last, and what they become.
#[derive(Debug, Clone, Copy)]
struct Change {
    first: u32,
    second: u32,
    last: u32,
    value: f32,
}

/// Finds the duplicates among the rows of one user: `group` keeps those that go, the others become [`SINGLE`].
fn scan(group: &mut [u32], ratings: &Ratings, how: Duplicates, changes: &mut Vec<Change>) {
    let item = |row: u32| ratings.items[row as usize];
    group.sort_unstable_by_key(|&row| u64::from(item(row)) << 32 | u64::from(row));
    for same in group.chunk_by_mut(|&a, &b| item(a) == item(b)) {
        let first = std::mem::replace(&mut same[0], SINGLE);
        let [_, rest @ ..] = &*same else { continue };
        let (Some(&second), Some(&last)) = (rest.first(), rest.last()) else { continue };
        let value = |row: u32| ratings.values[row as usize];
        let sum = || f64::from(value(first)) + rest.iter().map(|&row| f64::from(value(row))).sum::<f64>();
        let value = match how {
            Duplicates::Mean => (sum() / same.len() as f64) as f32,
            Duplicates::Last | Duplicates::Error => value(last),
        };
        changes.push(Change { first, second, last, value });
    }
}

/// Removes the elements at `gone`, which rises.
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

fn twice(gathered: &Gathered, change: Change) -> Error {
    let dataset = &gathered.dataset;
    let (first, second) = (change.first as usize, change.second as usize);
    let show = |id: &[u8]| super::rows::show(id);
    Error::Input(format!(
        "{}: found user `{}` and item `{}` again (first at {}), expected one rating a pair; `--duplicates last` or \
         `mean` merges them",
        gathered.place(second),
        show(dataset.users.id(dataset.ratings.users[second])),
        show(dataset.items.id(dataset.ratings.items[second])),
        gathered.place(first),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

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
