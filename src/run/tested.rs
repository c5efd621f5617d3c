//! The test ratings of a run, read again from what it left or from the file that it names.

use super::config::Config;
use super::names;
use super::slice::Slice;
use crate::Result;
use crate::files::{File, own_read};
use crate::input::{ReadOptions, read_ratings};
use crate::ratings::Dataset;
use crate::stop::Stop;
use std::path::Path;

/// The test ratings of the run in a directory; `None` if it has none.
///
/// # Errors
/// Errors of reading its settings and its test; [`Error::Stopped`](crate::Error::Stopped) if `stop` is raised
/// meanwhile.
pub fn test_of_run(directory: &Path, stop: &Stop) -> Result<Option<Dataset>> {
    test_of(directory, &Config::of_run(directory)?, stop)
}

/// The same, with the settings of the run.
pub(super) fn test_of(directory: &Path, config: &Config, stop: &Stop) -> Result<Option<Dataset>> {
    let read = |path: &Path, options: &ReadOptions| {
        let (test, _) = read_ratings(&[path.to_owned()], options, &mut |_, _| stop.check())?;
        Ok(Some(test))
    };
    if let Some(path) = config.test().and_then(Slice::file) {
        return read(path, &config.input);
    }
    if !config.sets_test_aside() {
        return Ok(None);
    }
    let path = directory.join(names::TEST);
    // Nothing but the file that the run wrote is read in its place.
    File::open_own(&path).map_err(own_read(&path))?;
    read(&path, &ReadOptions::default())
}

/// How many ratings two sets share: the same user, item and value.
pub fn in_common(one: &Dataset, other: &Dataset) -> u64 {
    let sorted = |ratings: crate::ratings::Ratings| {
        let mut all: Vec<(u32, u32, u32)> =
            ratings.iter().map(|(user, item, value)| (user, item, value.to_bits())).collect();
        all.sort_unstable();
        all
    };
    let own = sorted(one.ratings.clone());
    let others = sorted(other.among(&one.users, &one.items).0);
    let (mut own, mut common) = (own.into_iter().peekable(), 0);
    for rating in others {
        while own.next_if(|own| *own < rating).is_some() {}
        common += u64::from(own.next_if_eq(&rating).is_some());
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_are_the_same_by_ids_and_value() {
        let set = |rows: &[(&str, &str, f32)]| {
            let mut data = Dataset::default();
            for (user, item, value) in rows {
                let (user, item) = (data.users.number(user.as_bytes()), data.items.number(item.as_bytes()));
                data.ratings.push(user, item, *value);
            }
            data
        };
        let one = set(&[("a", "x", 1.0), ("b", "x", 2.0), ("b", "y", 3.0), ("b", "y", 3.0)]);
        let other = set(&[("b", "y", 3.0), ("c", "x", 1.0), ("a", "x", 1.5), ("b", "x", 2.0)]);
        assert_eq!((in_common(&one, &other), in_common(&other, &one)), (2, 2));
        assert_eq!((in_common(&one, &one), in_common(&one, &Dataset::default())), (4, 0));
    }
}
