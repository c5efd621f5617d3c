//! Ratings of a set that was prepared.

use super::duplicates::check_number;
use super::file::directory;
use super::report::{FileReport, ReadReport};
use crate::error::{Error, Result};
use crate::ratings::{Dataset, Sides};
use crate::store::{OnDisk, Set, is_set};
use std::path::PathBuf;

/// A set, and its file.
pub(super) struct Opened {
    set: Set,
    path: PathBuf,
}

/// Opens the set that is the only input; `None` if no input is one.
///
/// # Errors
/// Those of [`find`] and of [`Set::open`].
pub(super) fn open(paths: &[PathBuf]) -> Result<Option<Opened>> {
    let Some(path) = find(paths)? else { return Ok(None) };
    Ok(Some(Opened { set: Set::open(&path)?, path }))
}

/// The file of the set that is the only input; `None` if no input is one.
///
/// # Errors
/// [`Error::Usage`] if it is not the only one.
pub(super) fn find(paths: &[PathBuf]) -> Result<Option<PathBuf>> {
    let paths = directory::files(paths)?;
    let Some(path) = paths.iter().find(|path| is_set(path)) else { return Ok(None) };
    if paths.len() > 1 {
        let path = path.display();
        return Err(Error::Usage(format!(
            "{path} is a prepared set, which is read alone; of several files `mfgpu prepare` makes one set"
        )));
    }
    Ok(Some(path.clone()))
}

fn report(Opened { set, path }: &Opened) -> ReadReport {
    let times = if set.body.is_timed() { "with times" } else { "without times" };
    let rows = set.body.len() as u64;
    let mut file = FileReport::of(path, format!("a prepared set, {times}"), String::new());
    file.rows = rows;
    ReadReport { files: vec![file], bytes: set.bytes, rows, feedback: set.feedback, ..ReadReport::default() }
}

/// The ids, and the ratings where they are.
pub(super) fn stored(opened: Opened) -> (Dataset, OnDisk, ReadReport) {
    let report = report(&opened);
    let Set { body, ids: Sides { users, items }, feedback, .. } = opened.set;
    (Dataset { users, items, feedback, ..Dataset::default() }, body, report)
}

/// The ratings in memory, with their times if these are asked for.
///
/// # Errors
/// Those of reading; [`Error::TooLarge`] for more ratings than memory takes.
pub(super) fn load(opened: Opened, times: bool) -> Result<(Dataset, ReadReport)> {
    let report = report(&opened);
    let Set { body, ids: Sides { users, items }, feedback, .. } = opened.set;
    check_number(body.len())?;
    let (ratings, times) = body.with_times(times).load()?;
    Ok((Dataset { ratings, users, items, times, feedback, stored: None }, report))
}
