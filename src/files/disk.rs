//! The operations on directories and names. With [`File`](super::File) they are all that the program asks of
//! a file system, so that tests can make each of them fail in turn.

use super::faults::{self, Change};
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Runs an operation, again where a signal interrupted it.
pub(super) fn call<T>(name: &str, path: &Path, mut run: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match faults::strike(name, path).and_then(|()| run()) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// What is at a path, with links followed.
///
/// # Errors
/// Those of the system.
pub fn metadata(path: &Path) -> io::Result<Metadata> {
    call("stat", path, || fs::metadata(path))
}

/// The length of a file; `None` for what is no file, such as a pipe.
pub fn length(path: &Path) -> Option<u64> {
    metadata(path).ok().filter(Metadata::is_file).map(|found| found.len())
}

/// What is at a path, where a link is a link; `None` if nothing is there.
///
/// # Errors
/// Those of the system.
pub fn found(path: &Path) -> io::Result<Option<Metadata>> {
    match call("lstat", path, || fs::symlink_metadata(path)) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where a link leads.
pub(super) fn link(path: &Path) -> io::Result<PathBuf> {
    call("readlink", path, || fs::read_link(path))
}

/// The paths in a directory, in the order of their names.
///
/// # Errors
/// Those of the system.
pub fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = call("list", directory, || {
        fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
    })?;
    paths.sort();
    Ok(paths)
}

/// Makes a directory that is not there yet. After that it survives a power cut.
///
/// # Errors
/// Those of the system.
pub fn make_directory(path: &Path) -> io::Result<()> {
    call("mkdir", path, || fs::create_dir(path))?;
    faults::changed(Change::Made(path.to_owned()));
    sync_directory(parent(path))
}

/// Makes a directory and its parents, as far as they are not there.
///
/// # Errors
/// Those of the system.
pub fn make_directories(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    make_directories(parent(path))?;
    match make_directory(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Removes a directory if it is empty; one that is missing, or holds files, is left as it is.
///
/// # Errors
/// Those of the system.
pub fn remove_empty_directory(path: &Path) -> io::Result<()> {
    match call("rmdir", path, || fs::remove_dir(path)) {
        Ok(()) => {
            faults::changed(Change::Unmade(path.to_owned()));
            sync_directory(parent(path))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives a file another name, in place of the file that has it.
///
/// # Errors
/// Those of the system.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let change = faults::renaming(from, to);
    call("rename", to, || fs::rename(from, to))?;
    faults::changed(change);
    Ok(())
}

/// Removes a file; one that is missing is no error.
///
/// # Errors
/// Those of the system.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    let change = faults::removing(path);
    match call("unlink", path, || fs::remove_file(path)) {
        Ok(()) => faults::changed(change),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// After that, the names in a directory survive a power cut. Only Unix can open a directory to sync it.
///
/// # Errors
/// Those of the system.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) {
        call("syncdir", directory, || fs::File::open(directory)?.sync_all())?;
        faults::synced_directory(directory);
    }
    Ok(())
}

/// The directory that holds a path.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
