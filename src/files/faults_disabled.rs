//! Builds for people have no failures on request.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A change of a directory.
pub(super) enum Change {
    None,
    Made(PathBuf),
    Unmade(PathBuf),
}

pub(super) fn strike(_: &str, _: &Path) -> io::Result<()> {
    Ok(())
}

pub(super) fn renaming(_: &Path, _: &Path) -> Change {
    Change::None
}

pub(super) fn removing(_: &Path) -> Change {
    Change::None
}

pub(super) fn changed(change: Change) {
    match change {
        Change::None => {}
        Change::Made(path) | Change::Unmade(path) => drop(path),
    }
}

pub(super) fn synced_directory(_: &Path) {}

pub(super) fn writing(_: &File) {}

pub(super) fn shortened(_: &File) {}

pub(super) fn synced(_: &File) {}
