//! Whether two paths lead to one file: by device and number, links followed. What does not exist yet is known
//! by its directory and its name.

use super::disk::{entries, link, metadata, parent};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// As many links as are followed from one to the next.
const LINKS: usize = 40;

/// What tells a file from others. Devices, pipes and terminals have none: they may be used twice.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The device, and the number of the file on it, where the system has them.
    node: Option<(u64, u64)>,
    /// The path without links; a file that was opened by another program has none.
    path: Option<PathBuf>,
}

impl Identity {
    /// The identity of the file at `path`, whether it exists or is to be written there.
    pub fn of(path: &Path) -> Option<Self> {
        let found = metadata(path).ok();
        if found.as_ref().is_some_and(|found| !found.is_file() && !found.is_dir()) {
            return None;
        }
        Some(Self { node: found.as_ref().and_then(node), path: Some(resolved(path, LINKS)) })
    }

    /// The same for a path to read, where `-` is standard input.
    pub fn of_input(path: &Path) -> Option<Self> {
        if path.as_os_str() == "-" { Self::of_stream(io::stdin()) } else { Self::of(path) }
    }

    /// The file that standard output goes to, if it is a regular one.
    pub fn of_stdout() -> Option<Self> {
        Self::of_stream(io::stdout())
    }

    /// The file that messages go to, if it is a regular one.
    pub fn of_stderr() -> Option<Self> {
        Self::of_stream(io::stderr())
    }

    #[cfg(unix)]
    fn of_stream(stream: impl std::os::fd::AsFd) -> Option<Self> {
        let file = fs::File::from(stream.as_fd().try_clone_to_owned().ok()?);
        let found = file.metadata().ok().filter(Metadata::is_file)?;
        Some(Self { node: node(&found), path: None })
    }

    #[cfg(not(unix))]
    fn of_stream<T>(_stream: T) -> Option<Self> {
        None
    }

    /// Whether both are one file.
    pub fn is(&self, other: &Self) -> bool {
        let same = |path: &PathBuf| other.path.as_ref() == Some(path);
        self.node.is_some() && self.node == other.node || self.path.as_ref().is_some_and(same)
    }

    /// The path from a directory down to this, if it lies in the directory at any depth.
    pub fn below(&self, directory: &Self) -> Option<&Path> {
        let (path, directory) = self.path.as_ref().zip(directory.path.as_ref())?;
        path.strip_prefix(directory).ok().filter(|rest| !rest.as_os_str().is_empty())
    }
}

/// Whether both paths lead to one file.
pub fn same_file(one: &Path, other: &Path) -> bool {
    Identity::of(one).zip(Identity::of(other)).is_some_and(|(one, other)| one.is(&other))
}

/// What is in a directory and in those below it; links to directories are not followed.
pub(crate) fn below(directory: &Path) -> Vec<PathBuf> {
    let mut all = entries(directory).unwrap_or_default();
    for place in 0..all.len() {
        if all[place].is_dir() && !all[place].is_symlink() {
            all.append(&mut below(&all[place]));
        }
    }
    all
}

/// The path without links. The part of it that does not exist stays as it is.
fn resolved(path: &Path, links: usize) -> PathBuf {
    if let Ok(whole) = fs::canonicalize(path) {
        return whole;
    }
    let Some(name) = path.file_name() else {
        return std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    };
    let parent = parent(path);
    match link(path) {
        Ok(target) if links > 0 => resolved(&parent.join(target), links - 1),
        _ => resolved(parent, links).join(name),
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no numbers of files")]
fn node(found: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn node(_found: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_file() {
        let own = tempfile::tempdir().unwrap();
        let at = |name: &str| own.path().join(name);
        fs::create_dir(at("d")).unwrap();
        ["a", "b", "d/a"].iter().for_each(|name| fs::write(at(name), "x").unwrap());
        fs::hard_link(at("a"), at("hard")).unwrap();
        for (one, other, same) in [
            ("a", "a", true),
            ("a", "./d/../a", true),
            ("a", "b", false),
            ("a", "d/a", false),
            // Neither exists.
            ("new", "d/../new", true),
            ("new", "d/new", false),
            ("no/new", "./no/new", true),
            ("new", "a", false),
        ] {
            assert_eq!(same_file(&at(one), &at(other)), same, "{one} {other}");
        }
        assert_eq!(same_file(&at("a"), &at("hard")), cfg!(unix));
        let of = |name: &str| Identity::of(&at(name)).unwrap();
        assert_eq!(of("d/a").below(&of("d")), Some(Path::new("a")));
        assert_eq!(of("d/new/new").below(&of("./d")), Some(Path::new("new/new")));
        assert!(of("d").below(&of("d")).is_none() && of("a").below(&of("d")).is_none());
        assert_eq!(below(own.path()).len(), 5);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_have_no_identity() {
        use std::os::unix::fs::symlink;
        let own = tempfile::tempdir().unwrap();
        let at = |name: &str| own.path().join(name);
        fs::create_dir(at("d")).unwrap();
        fs::write(at("d/a"), "x").unwrap();
        for (target, link) in [("d/a", "soft"), ("d", "e"), ("d/new", "dangling"), ("dangling", "twice")] {
            symlink(target, at(link)).unwrap();
        }
        symlink("round", at("round")).unwrap();
        for (one, other) in
            [("soft", "d/a"), ("e/a", "soft"), ("dangling", "e/new"), ("twice", "d/new"), ("e/x/y", "d/x/y")]
        {
            assert!(same_file(&at(one), &at(other)), "{one} {other}");
        }
        assert!(!same_file(&at("round"), &at("d/a")));
        assert!(Identity::of(Path::new("/dev/null")).is_none());
        assert!(!same_file(Path::new("/dev/null"), Path::new("/dev/null")));
    }
}
