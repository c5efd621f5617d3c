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
use cut::cutter::Inputs;
use options::{TimesWanted, Wanted};
use std::path::{Path, PathBuf};

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
    let table = format::Batches::of_table(table, name, options, wanted(options, times))?;
    let ids = table.ids();
    let (names, size) = ([PathBuf::from(name)], gather::piece_size());
    let (data, report) = read_inputs(Inputs::Table(Box::new(table)), &names, options, times, progress, size)?;
    Ok((data, report, ids))
}

fn read_all(
    paths: &[PathBuf],
    options: &ReadOptions,
    times: bool,
    progress: &mut Progress,
    size: usize,
) -> Result<(Dataset, ReadReport)> {
    read_inputs(Inputs::Files(paths.to_vec()), paths, options, times, progress, size)
}

/// The parts of every row that are needed where ratings are read.
fn wanted(options: &ReadOptions, times: bool) -> Wanted {
    let lines = options.duplicates == Some(Duplicates::Error);
    // The last of several ratings is the latest.
    let optional = options.duplicates.is_none_or(|how| how == Duplicates::Last)
        && options.feedback().is_none_or(|feedback| feedback == Feedback::Ratings);
    let wanted_times = match (times, optional) {
        (true, _) => TimesWanted::Needed,
        (false, true) => TimesWanted::Optional,
        (false, false) => TimesWanted::No,
    };
    Wanted { ratings: true, bad_rows: options.bad_rows, times: wanted_times, lines }
}

fn read_inputs(
    inputs: Inputs,
    paths: &[PathBuf],
    options: &ReadOptions,
    times: bool,
    progress: &mut Progress,
    size: usize,
) -> Result<(Dataset, ReadReport)> {
    let mut gathered = gather::gather(inputs, options, wanted(options, times), size, progress)?;
    if gathered.dataset.ratings.is_empty() {
        return Err(nothing(paths, "ratings", &gathered.report));
    }
    let usual = Duplicates::of(gathered.dataset.feedback);
    duplicates::merge(&mut gathered, options.duplicates.unwrap_or(usual))?;
    if !times {
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
    let wanted = Wanted { ratings: false, bad_rows: options.bad_rows, times: TimesWanted::No, lines: false };
    let inputs = Inputs::Files(paths.to_vec());
    let gathered = gather::gather(inputs, options, wanted, gather::piece_size(), progress)?;
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
