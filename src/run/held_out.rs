//! Ratings that are set aside: taken from those that were read, or a file with ids of its own.

use super::slice::Slice;
use crate::input::{ReadOptions, moment, read_ratings};
use crate::math::philox::{Purpose, bits, key};
use crate::ratings::{Dataset, Ratings, latest, part, random};
use crate::{Error, Result};
use std::path::Path;

/// Takes a slice that is no file out of `data`; `flag` named it. A random one is taken by other random numbers than those
/// of the slice that training holds out. What is taken shares the ids of `data`.
pub(super) fn take(data: &mut Dataset, slice: &Slice, flag: &str, seed: u64) -> Result<Dataset> {
    let Dataset { ratings, users, times, .. } = &*data;
    let marks = match slice {
        Slice::Fraction(fraction) => {
            random(ratings.len(), *fraction, bits(key(seed, Purpose::Split), u64::MAX))
        }
        Slice::Last(count) => latest(ratings, times, users.len(), *count),
        Slice::After(date) => since(times, date, flag)?,
        Slice::File(path) => return Err(Error::Bug(format!("{} is a file", path.display()))),
    };
    let (kept, taken) = part(ratings, &marks);
    if kept.is_empty() {
        return Err(Error::Usage(format!("{flag} {slice} leaves no ratings to train on")));
    }
    if taken.is_empty() && slice.is_timed() {
        return Err(Error::Usage(match slice {
            Slice::Last(count) => format!("{flag} {slice}: no user has more than {count} ratings"),
            _ => format!("{flag} {slice}: no rating is as late as that"),
        }));
    }
    let mut marks = marks.into_iter();
    data.times.retain(|_| marks.next() == Some(false));
    data.ratings = kept;
    Ok(Dataset { ratings: taken, users: data.users.clone(), items: data.items.clone(), times: Vec::new() })
}

/// Which ratings were given at a date or later.
fn since(times: &[i64], date: &str, flag: &str) -> Result<Vec<bool>> {
    let moment = moment(date.as_bytes()).ok_or_else(|| Error::Bug(format!("{date} is no date")))?;
    if times.is_empty() {
        return Err(Error::Usage(format!(
            "{flag} after:{date}: no column of times was found in the ratings; name it with --time-col"
        )));
    }
    Ok(times.iter().map(|&time| time >= moment).collect())
}

/// Reads a file of ratings with ids of its own.
pub(super) fn read(path: &Path, options: &ReadOptions) -> Result<Dataset> {
    let (data, _) = read_ratings(&[path.to_owned()], options, &mut |_, _| {})?;
    Ok(data)
}

/// The ratings of `other` in the numbers of `data`, and how many were dropped because `data` lacks their user or item.
pub(super) fn translate(other: &Dataset, data: &Dataset) -> (Ratings, u64) {
    let users: Vec<_> = other.users.iter().map(|id| data.users.get(id)).collect();
    let items: Vec<_> = other.items.iter().map(|id| data.items.get(id)).collect();
    let (mut known, mut dropped) = (Ratings::default(), 0);
    for (user, item, value) in other.ratings.iter() {
        match (users[user as usize], items[item as usize]) {
            (Some(user), Some(item)) => known.push(user, item, value),
            _ => dropped += 1,
        }
    }
    (known, dropped)
}
