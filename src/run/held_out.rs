//! Ratings that are set aside: a random slice, or a file with ids of its own.

use crate::input::{ReadOptions, read_ratings};
use crate::math::philox::{Purpose, bits, key};
use crate::ratings::{Dataset, Ratings, split};
use crate::{Error, Result};
use std::path::Path;

/// Takes a random part of the ratings out of `data`, by other random numbers than those of the slice that training
/// holds out. What is taken shares the ids of `data`.
pub(super) fn take(data: &mut Dataset, fraction: f64, seed: u64) -> Result<Dataset> {
    let seed = bits(key(seed, Purpose::Split), u64::MAX);
    let (kept, taken) = split(&data.ratings, fraction, seed);
    if kept.is_empty() {
        return Err(Error::Usage(format!("--test {fraction} leaves no ratings to train on")));
    }
    data.ratings = kept;
    Ok(Dataset { ratings: taken, users: data.users.clone(), items: data.items.clone(), times: Vec::new() })
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
