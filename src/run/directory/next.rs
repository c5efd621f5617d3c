//! A run that replaces another one. Until it is complete it is in `mfgpu.next` inside the directory of the
//! other, which keeps all that it has. Then its files are moved, the model last: as long as the model is not
//! moved, the next command moves the rest.

use super::files::{RunDirectory, sweep_in};
use super::list::List;
use crate::files::{
    entries, found, make_directory, remove_empty_directory, remove_file, rename, sync_directory,
};
use crate::run::names;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The directory that a path is inside of, if the path is that of a run which is not in its place.
pub(in crate::run) fn home_of(path: &Path) -> Option<&Path> {
    let home = path.parent().filter(|home| !home.as_os_str().is_empty()).unwrap_or(Path::new("."));
    (number_of(path).is_some() && List::is_in(path) && List::is_in(home)).then_some(home)
}

/// Whether a path is that of a run which is not in its place.
pub fn is_next(path: &Path) -> bool {
    home_of(path).is_some()
}

/// The number in the name of such a directory, from 1.
fn number_of(path: &Path) -> Option<u64> {
    match path.file_name()?.to_str()?.strip_prefix(names::NEXT)? {
        "" => Some(1),
        rest => rest.strip_prefix('-')?.parse().ok().filter(|&number| number > 1),
    }
}

/// The directories inside a home that have such a name, in the order of their numbers.
fn named(home: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let paths = entries(home).map_err(Error::read(home))?;
    let mut named: Vec<(u64, PathBuf)> =
        paths.into_iter().filter_map(|path| Some((number_of(&path)?, path))).collect();
    named.sort();
    Ok(named)
}

/// The runs inside a home, the latest last.
fn inside(home: &RunDirectory) -> Result<Vec<RunDirectory>> {
    let mut runs = Vec::new();
    for (_, path) in named(&home.home)? {
        let there = found(&path).map_err(Error::read(&path))?;
        if there.is_some_and(|there| there.is_dir()) && List::is_in(&path) {
            runs.push(home.inside(path)?);
        }
    }
    Ok(runs)
}

/// Makes a directory for a run that replaces others.
pub(super) fn begin(home: &RunDirectory) -> Result<RunDirectory> {
    let number = named(&home.home)?.last().map_or(1, |(last, _)| last.saturating_add(1));
    let name = if number == 1 { names::NEXT.to_owned() } else { format!("{}-{number}", names::NEXT) };
    let path = home.home.join(name);
    make_directory(&path).map_err(Error::write(&path))?;
    home.inside(path)
}

/// All unfinished runs of a home, the latest last.
pub(super) fn unfinished(home: &RunDirectory) -> Result<Vec<RunDirectory>> {
    let mut runs = vec![home.clone()];
    runs.append(&mut inside(home)?);
    runs.retain(|run| run.has(names::CONFIG) && !run.has(names::MODEL));
    Ok(runs)
}

/// Puts a complete run that is not in its place there, and removes what a process that was killed left of
/// others.
pub(super) fn complete(home: &RunDirectory) -> Result<()> {
    for (_, path) in named(&home.home)? {
        // As long as it has no list it is empty, if it is mfgpu's.
        if !List::is_in(&path) {
            let _ = remove_empty_directory(&path);
        }
    }
    for run in inside(home)? {
        if run.has(names::MODEL) {
            put_in_place(&run)?;
        } else if !run.has(names::CONFIG) {
            remove(&run)?;
        }
    }
    if home.has(names::MODEL) { home.clear_checkpoints() } else { Ok(()) }
}

/// Moves the files of a complete run to its home.
pub(super) fn put_in_place(run: &RunDirectory) -> Result<()> {
    if run.work == run.home {
        return run.clear_checkpoints();
    }
    remove_others(run)?;
    let home = run.inside(run.home.clone())?;
    let written = run.list().names();
    let written = |name: &str| written.iter().any(|other| other == name);
    // Nothing is moved before it is clear that everything can be.
    home.check_names(written)?;
    home.clear_checkpoints()?;
    for name in names::OUTPUTS {
        let (from, to) = (run.file(name), home.file(name));
        if found(&from).map_err(Error::read(&from))?.is_some() {
            let contents = run.list().contents(name);
            home.list().claim(name, contents)?;
            if name == names::MODEL {
                // Before the model counts, the rest is there.
                sync_directory(&home.home).map_err(Error::write(&home.home))?;
            }
            rename(&from, &to).map_err(Error::write(&to))?;
        } else if !written(name) {
            home.clear(name)?;
        }
    }
    sync_directory(&home.home).map_err(Error::write(&home.home))?;
    remove(run)
}

/// Removes the other runs inside of a run's home.
pub(super) fn remove_others(run: &RunDirectory) -> Result<()> {
    inside(run)?.iter().filter(|other| other.work != run.work).try_for_each(remove)
}

/// Removes the runs of a home that began before this one, which has a checkpoint now.
pub(super) fn remove_earlier(run: &RunDirectory) -> Result<()> {
    if run.work == run.home {
        return Ok(());
    }
    let own = number_of(&run.work);
    inside(run)?.iter().filter(|other| number_of(&other.work) < own).try_for_each(remove)?;
    let home = run.inside(run.home.clone())?;
    if home.has(names::MODEL) { Ok(()) } else { home.clear_checkpoints() }
}

/// Removes what mfgpu wrote of a run that is not in its place.
pub(super) fn remove(run: &RunDirectory) -> Result<()> {
    remove_files(run)?;
    remove_list(run)?;
    remove_empty_directory(&run.work).map_err(Error::write(&run.work))
}

/// Removes what mfgpu wrote in a directory that held no run before.
pub(super) fn remove_first(run: &RunDirectory) -> Result<()> {
    remove_files(run)?;
    run.clear(names::LOCK)?;
    remove_list(run)
}

fn remove_files(run: &RunDirectory) -> Result<()> {
    run.clear_checkpoints()?;
    // Without model and settings it is no run any more, so these are first.
    for name in names::OUTPUTS.into_iter().rev() {
        run.clear(name)?;
    }
    sweep_in(&run.work);
    Ok(())
}

/// The list is last: without it nothing in the directory is mfgpu's.
fn remove_list(run: &RunDirectory) -> Result<()> {
    let list = run.file(names::LIST);
    remove_file(&list).map_err(Error::write(list))
}
