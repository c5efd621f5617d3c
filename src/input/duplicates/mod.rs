//! Merges several ratings of one item by one user into one, or refuses them.

mod find;
mod on_disk;

pub(super) use on_disk::merge_on_disk;

use super::gather::Gathered;
use super::options::Duplicates;
use super::value::field::show;
use crate::error::{Error, Result};
use crate::human::thousands;
use crate::ratings::{Dataset, is_rating};
use find::{Change, find};
use rayon::prelude::*;

/// The most ratings, whose numbers have 32 bits. One number is none of them.
const MOST: usize = u32::MAX as usize;

/// Checks that memory takes so many ratings.
pub(super) fn check_number(ratings: usize) -> Result<()> {
    if ratings <= MOST {
        return Ok(());
    }
    let most = thousands(MOST as u64);
    Err(Error::TooLarge(format!(
        "found more than {most} ratings, which memory does not take, expected at most {most}: `memory = SIZE` reads \
         them from disk"
    )))
}

/// Merges duplicates as asked and counts them.
pub(super) fn merge(gathered: &mut Gathered, how: Duplicates) -> Result<()> {
    let ratings = &gathered.dataset.ratings;
    check_number(ratings.len())?;
    let Dataset { users, items, times, .. } = &gathered.dataset;
    let found = find((ratings, times), (users.len(), items.len()), how);
    let timed = !gathered.dataset.times.is_empty();
    let pair = |row: u32| (ratings.users[row as usize], ratings.items[row as usize]);
    if how == Duplicates::Error {
        if let Some(change) = found.iter().flat_map(|found| &found.changes).min_by_key(|change| change.second)
        {
            let Change { first, second, .. } = *change;
            return Err(twice(gathered, pair(first), (first as usize, second as usize)));
        }
        return Ok(());
    }
    let too_large = |change: &&Change| !is_rating(change.value);
    if let Some(change) = found.iter().flat_map(|found| &found.changes).find(too_large) {
        return Err(endless(gathered, pair(change.first), change.value));
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
fn endless(gathered: &Gathered, (user, item): (u32, u32), sum: f32) -> Error {
    let Dataset { users, items, .. } = &gathered.dataset;
    Error::Input(format!(
        "the values of user `{}` and item `{}` add up to {sum}, expected at most 1e30",
        show(users.id(user)),
        show(items.id(item)),
    ))
}

/// The error for two ratings of one pair, in these rows.
fn twice(gathered: &Gathered, (user, item): (u32, u32), (first, second): (usize, usize)) -> Error {
    let Dataset { users, items, .. } = &gathered.dataset;
    Error::Input(format!(
        "{}: found user `{}` and item `{}` again (first at {}), expected one rating a pair; \
         `input.duplicates = last` (or `mean`, `sum`, `count`) merges them",
        gathered.place(second),
        show(users.id(user)),
        show(items.id(item)),
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
        let too_many = check_number(MOST + 1).unwrap_err();
        assert_eq!(too_many.to_string().matches(&most).count(), 2);
        assert!(check_number(MOST).is_ok());
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
