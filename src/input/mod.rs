//! Ratings, pairs, ids and titles from files and standard input, whatever their layout.
//! `docs/formats.md` says what is accepted. Nothing is guessed in silence: a row that cannot be read is
//! an error, or is counted.

mod columns;
mod cut;
mod dataset;
mod doubts;
mod duplicates;
mod file;
mod format;
mod gather;
mod ids;
mod layout;
mod names;
mod options;
mod prepared;
mod report;
mod rows;
mod sniff;
mod text;
mod value;

pub use file::directory::{counts, files_of};
#[cfg(feature = "arrow")]
pub use format::TableReader;
pub use gather::Progress;
pub use names::read_names;
pub use options::{Arrangement, BadRows, Duplicates, Format, ReadOptions};
pub use report::{FileReport, ReadReport};
pub use text::read_ids;
pub use value::time::moment;

use crate::error::{Error, Result};
use crate::ratings::{Dataset, Feedback};
use crate::store::{OnDisk, Room, Stored};
use cut::cutter::Inputs;
use options::{TimesWanted, Wanted};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads the ratings of several files, one after the other; `-` is standard input, and a directory stands for
/// its files in the order of their names.
///
/// The values are ratings, weights from 0, or 1 each where a table has pairs only
/// ([`Dataset::feedback`]), alike in all files. Ids are numbered by first sight in file order, for any number
/// of threads; work runs in the current rayon pool. If a user rated an item several times, one rating is
/// left, at the position of the first. Memory: 12
/// bytes a rating, the ids, 4 to 16 bytes a rating for a while, and a few pieces of at most 4 MiB and some 20
/// MB of ids a thread. `progress` is called now and then with the bytes of the files (packed, if they are)
/// and the ratings read so far; an error that it returns ends the reading.
///
/// # Errors
/// [`Error::Input`] with `file:line` for rows that cannot be read, for files without ratings, and for files
/// of different feedback; [`Error::Usage`] for columns that do not exist, [`Error::Read`] for files that
/// cannot be read, and those of `progress`.
pub fn read_ratings(
    paths: &[PathBuf],
    options: &ReadOptions,
    progress: &mut Progress,
) -> Result<(Dataset, ReadReport)> {
    read_all(paths, options, false, progress, gather::piece_size())
}

/// As [`read_ratings`], with the times of the ratings, 8 bytes each, if every file has them.
///
/// # Errors
/// As [`read_ratings`]; a time that cannot be read makes a row bad.
pub fn read_timed_ratings(
    paths: &[PathBuf],
    options: &ReadOptions,
    progress: &mut Progress,
) -> Result<(Dataset, ReadReport)> {
    read_all(paths, options, true, progress, gather::piece_size())
}

/// As [`read_timed_ratings`], in pieces of about `size` bytes. The result does not depend on it; for tests.
#[doc(hidden)]
pub fn read_cut(
    paths: &[PathBuf],
    options: &ReadOptions,
    progress: &mut Progress,
    size: usize,
) -> Result<(Dataset, ReadReport)> {
    read_all(paths, options, true, progress, size)
}

/// Reads the ratings of a table in memory as those of a file, with their times if `times` asks for them. Messages
/// call the table `name`. Also returns the names of its columns of users and of items.
///
/// # Errors
/// As [`read_ratings`] and [`read_timed_ratings`]; `name:row` says where.
#[cfg(feature = "arrow")]
pub fn read_table(
    table: TableReader,
    name: &str,
    options: &ReadOptions,
    times: bool,
    progress: &mut Progress,
) -> Result<(Dataset, ReadReport, [String; 2])> {
    options.check()?;
    let times = if times { Times::Needed } else { Times::Unused };
    let table = format::Batches::of_table(table, name, options, wanted(options, times))?;
    let ids = table.ids();
    let (names, size) = ([PathBuf::from(name)], gather::piece_size());
    let inputs = Inputs::Table(Box::new(table));
    let (data, report) = read_inputs(inputs, &names, options, times, progress, size)?;
    Ok((data, report, ids))
}

/// As [`read_ratings`], but the ratings are kept on disk, and the data set that comes with them has the ids alone.
/// Memory: the ids, the pieces of files that are read, and about what `room` has for the rest. A
/// [prepared set](crate::store::Set) stays where it is.
///
/// # Errors
/// As [`read_ratings`], and those of the disk.
pub fn read_stored(
    paths: &[PathBuf],
    options: &ReadOptions,
    (times, room): (Times, &Room),
    progress: &mut Progress,
) -> Result<(Dataset, OnDisk, ReadReport)> {
    if let Some(set) = prepared::open(paths)? {
        return Ok(prepared::stored(set));
    }
    let inputs = Inputs::Files(paths.to_vec());
    let size = gather::piece_size().min(room.bytes / 8).max(1 << 16);
    let wanted = wanted(options, times);
    let mut gathered = gather::gather(inputs, (options, Some(room)), wanted, size, progress)?;
    let how = merging(&gathered, options, paths)?;
    let (body, timed) =
        gathered.spilled()?.ok_or_else(|| Error::Bug("ratings that were not written".into()))?;
    let body = duplicates::merge_on_disk(&mut gathered, how, (body, timed), room)?;
    let body = body.with_times(timed && times != Times::Unused);
    gathered.dataset.stored = Some(Arc::new(Stored::new(body.clone(), room.clone())));
    doubts::look(&mut gathered, options)?;
    Ok((Dataset { stored: None, ..gathered.dataset }, body, gathered.report))
}

/// Whether the ratings are a set that was prepared.
///
/// # Errors
/// As [`read_ratings`], for files that are not there.
pub fn is_prepared(paths: &[PathBuf]) -> Result<bool> {
    prepared::find(paths).map(|set| set.is_some())
}

/// How duplicates are merged, if there are ratings.
fn merging(gathered: &gather::Gathered, options: &ReadOptions, paths: &[PathBuf]) -> Result<Duplicates> {
    if gathered.report.rows == 0 {
        return Err(nothing(paths, "ratings", &gathered.report));
    }
    Ok(options.duplicates.unwrap_or(Duplicates::of(gathered.dataset.feedback)))
}

fn read_all(
    paths: &[PathBuf],
    options: &ReadOptions,
    times: bool,
    progress: &mut Progress,
    size: usize,
) -> Result<(Dataset, ReadReport)> {
    if let Some(set) = prepared::open(paths)? {
        return prepared::load(set, times);
    }
    let times = if times { Times::Needed } else { Times::Unused };
    read_inputs(Inputs::Files(paths.to_vec()), paths, options, times, progress, size)
}

/// What becomes of the times of ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// They decide which of several ratings is the last, at most.
    Unused,
    /// They are kept if all of them can be read.
    Kept,
    /// They are kept; one that cannot be read makes a row bad.
    Needed,
}

/// The parts of every row that are needed where ratings are read.
fn wanted(options: &ReadOptions, times: Times) -> Wanted {
    let lines = options.duplicates == Some(Duplicates::Error);
    // The last of several ratings is the latest.
    let optional = options.duplicates.is_none_or(|how| how == Duplicates::Last)
        && options.feedback().is_none_or(|feedback| feedback == Feedback::Ratings);
    let wanted_times = match (times, optional) {
        (Times::Needed, _) => TimesWanted::Needed,
        (Times::Kept, _) | (Times::Unused, true) => TimesWanted::Optional,
        (Times::Unused, false) => TimesWanted::No,
    };
    Wanted { ratings: true, bad_rows: options.bad_rows, times: wanted_times, lines }
}

fn read_inputs(
    inputs: Inputs,
    paths: &[PathBuf],
    options: &ReadOptions,
    times: Times,
    progress: &mut Progress,
    size: usize,
) -> Result<(Dataset, ReadReport)> {
    let mut gathered = gather::gather(inputs, (options, None), wanted(options, times), size, progress)?;
    let how = merging(&gathered, options, paths)?;
    duplicates::merge(&mut gathered, how)?;
    if times == Times::Unused {
        gathered.dataset.times = Vec::new();
    }
    doubts::look(&mut gathered, options)?;
    let ratings = &mut gathered.dataset.ratings;
    ratings.users.shrink_to_fit();
    ratings.items.shrink_to_fit();
    ratings.values.shrink_to_fit();
    gathered.dataset.times.shrink_to_fit();
    Ok((gathered.dataset, gathered.report))
}

/// Reads pairs of users and items to predict, in their order, each as often as it comes. A column of ratings
/// is optional; a missing or blank value is 0. `options.duplicates` is ignored. `progress` is as for
/// [`read_ratings`].
///
/// # Errors
/// As [`read_ratings`].
pub fn read_pairs(path: &Path, options: &ReadOptions, progress: &mut Progress) -> Result<Dataset> {
    let paths = [path.to_owned()];
    if let Some(set) = prepared::open(&paths)? {
        return Ok(prepared::load(set, false)?.0);
    }
    let wanted = Wanted { ratings: false, bad_rows: options.bad_rows, times: TimesWanted::No, lines: false };
    let inputs = Inputs::Files(paths.to_vec());
    let gathered = gather::gather(inputs, (options, None), wanted, gather::piece_size(), progress)?;
    if gathered.dataset.ratings.is_empty() {
        return Err(nothing(&paths, "pairs", &gathered.report));
    }
    Ok(gathered.dataset)
}

/// The error for files without rows.
fn nothing(paths: &[PathBuf], what: &str, report: &ReadReport) -> Error {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let names = names.join(", ");
    Error::Input(match &report.first_skipped {
        Some(first) => {
            format!(
                "{names}: no {what} found, {} bad rows were skipped, the first of them {first}",
                report.skipped
            )
        }
        None if report.missing > 0 => {
            format!("{names}: no {what} found, the values of all {} rows stand for no rating", report.missing)
        }
        None => format!("{names}: no {what} found, expected rows of user, item, rating"),
    })
}
