//! What is lost when the power fails: what was written and not synced, and names that were given and not
//! synced.

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A change of a directory. What it took away lies aside under another name.
#[derive(Debug)]
pub(in crate::files) enum Change {
    None,
    Made(PathBuf),
    Unmade(PathBuf),
    Renamed { from: PathBuf, to: PathBuf, aside: Option<PathBuf> },
    Removed { path: PathBuf, aside: Option<PathBuf> },
}

impl Change {
    /// The directories that must be synced for the change to last.
    fn directories(&self) -> Vec<PathBuf> {
        let paths = match self {
            Self::None => vec![],
            Self::Made(path) | Self::Unmade(path) | Self::Removed { path, .. } => vec![path],
            Self::Renamed { from, to, .. } => vec![from, to],
        };
        paths.into_iter().map(|path| whole(path.parent().unwrap_or(path))).collect()
    }

    /// Brings back what was there before.
    fn undo(self) {
        let bring = |aside: Option<PathBuf>, path: &Path| {
            if let Some(aside) = aside {
                let _ = fs::rename(aside, path);
            }
        };
        let _ = match self {
            Self::None => Ok(()),
            Self::Made(path) if path.is_dir() => fs::remove_dir(path),
            Self::Made(path) => fs::remove_file(path),
            Self::Unmade(path) => fs::create_dir(path),
            Self::Renamed { from, to, aside } => {
                let moved = fs::rename(&to, from);
                bring(aside, &to);
                moved
            }
            Self::Removed { path, aside } => {
                bring(aside, &path);
                Ok(())
            }
        };
    }
}

fn whole(directory: &Path) -> PathBuf {
    // The directory of a name without any is the current one.
    let path = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn aside(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{}-{number}", std::process::id()))
}

/// What would be lost now.
#[derive(Debug)]
pub(super) struct Unsynced {
    aside: PathBuf,
    kept: usize,
    changes: Vec<Change>,
    /// By device and inode: the file, and how many of its bytes are synced.
    files: HashMap<(u64, u64), (File, u64)>,
}

impl Unsynced {
    pub(super) fn new(aside: PathBuf) -> Self {
        Self { aside, kept: 0, changes: Vec::new(), files: HashMap::new() }
    }

    /// A second name for a file, under which it can be brought back.
    fn keep(&mut self, path: &Path) -> Option<PathBuf> {
        self.kept += 1;
        let aside = aside(&self.aside, self.kept);
        fs::hard_link(path, &aside).ok().map(|()| aside)
    }

    pub(super) fn renaming(&mut self, from: &Path, to: &Path) -> Change {
        Change::Renamed { from: from.to_owned(), to: to.to_owned(), aside: self.keep(to) }
    }

    pub(super) fn removing(&mut self, path: &Path) -> Change {
        Change::Removed { path: path.to_owned(), aside: self.keep(path) }
    }

    pub(super) fn changed(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(super) fn synced_directory(&mut self, directory: &Path) {
        let directory = whole(directory);
        self.changes.retain(|change| !change.directories().contains(&directory));
    }

    pub(super) fn writing(&mut self, file: &File) {
        let (Ok(found), Ok(copy)) = (file.metadata(), file.try_clone()) else { return };
        if found.is_file() {
            self.files.entry((found.dev(), found.ino())).or_insert((copy, found.len()));
        }
    }

    pub(super) fn shortened(&mut self, file: &File) {
        if let Ok(found) = file.metadata()
            && let Some((_, synced)) = self.files.get_mut(&(found.dev(), found.ino()))
        {
            *synced = (*synced).min(found.len());
        }
    }

    pub(super) fn synced(&mut self, file: &File) {
        if let Ok(found) = file.metadata() {
            self.files.remove(&(found.dev(), found.ino()));
        }
    }

    /// The power fails.
    pub(super) fn lose(self, torn: bool) {
        for (file, synced) in self.files.into_values() {
            let length = file.metadata().map_or(synced, |found| found.len());
            let _ = file.set_len(synced);
            if torn {
                // The length was on the disk before the contents were.
                let _ = file.set_len(length);
            }
        }
        if !torn {
            self.changes.into_iter().rev().for_each(Change::undo);
        }
        for number in 1..=self.kept {
            let _ = fs::remove_file(aside(&self.aside, number));
        }
    }
}
