//! Prepares ratings for runs: they are read once, and written to one file that is opened at once.

use super::event::{Observe, RunEvent};
use super::reading::limit;
use crate::files::AtomicFile;
use crate::gpu::Budget;
use crate::input::{ReadOptions, ReadReport, Times, read_stored};
use crate::ratings::{Sides, Triples};
use crate::stop::Stop;
use crate::store::{Contents, Room, Set, Stored};
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// What was prepared.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The number of ratings.
    pub ratings: u64,
    /// The number of users and of items.
    pub size: Sides<u64>,
    /// Whether it has the times of the ratings.
    pub timed: bool,
    /// The bytes of the file.
    pub bytes: u64,
    /// What was read.
    pub report: ReadReport,
}

/// The memory that is taken without a limit, where the system does not say how much there is.
const USUAL: u64 = 1 << 30;

/// Reads files of ratings, and writes them to a prepared set, with their times if all of them are known. Memory: the
/// ids, and about what `memory` allows for the rest; ratings are sorted on the disk of the set.
///
/// # Errors
/// Those of reading and of writing; [`Error::Stopped`] if `stop` is raised meanwhile.
pub fn prepare(
    paths: &[PathBuf],
    options: &ReadOptions,
    (output, memory): (&Path, Option<Budget>),
    stop: &Stop,
    observe: &mut Observe,
) -> Result<Prepared> {
    let mut progress = |bytes, ratings| {
        let _ = observe(&RunEvent::Reading { bytes, ratings });
        stop.check()
    };
    // What cannot be written is known before the long work.
    let file = AtomicFile::create(output)?;
    let bytes = limit(memory, true).unwrap_or(USUAL) / 2;
    let beside = output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let room = Room { directory: beside.to_owned(), bytes: usize::try_from(bytes).unwrap_or(usize::MAX) };
    let (data, body, report) = read_stored(paths, options, (Times::Kept, &room), &mut progress)?;
    let _ = observe(&RunEvent::Writing);
    let timed = body.is_timed();
    let stored = Stored::new(body, room);
    let ids = Sides { users: &data.users, items: &data.items };
    Set::write(file, Contents { ratings: &stored, ids, feedback: data.feedback, timed }, stop)?;
    let bytes = crate::files::length(output).ok_or_else(|| Error::Bug("a set that is no file".into()))?;
    Ok(Prepared { ratings: stored.len() as u64, size: ids.map(|ids| ids.len() as u64), timed, bytes, report })
}
