//! The directory of a run: made, and found writable, before the long work.

use super::names;
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A directory that is there and can be written to.
#[derive(Debug, Clone)]
pub struct RunDirectory {
    path: PathBuf,
}

impl RunDirectory {
    /// Makes `out`, with the directories above it. One that holds a model already is taken with `force` only.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is a model or a file in its place, [`Error::Write`] if it cannot be written to.
    pub fn create(out: &Path, force: bool) -> Result<Self> {
        let here = out.display();
        if out.exists() && !out.is_dir() {
            return Err(Error::Usage(format!("{here} is a file; --out names a directory")));
        }
        if out.join(names::MODEL).exists() && !force {
            return Err(Error::Usage(format!(
                "{here} already holds a model; name another directory, or replace it with --force"
            )));
        }
        fs::create_dir_all(out).map_err(Error::write(out))?;
        Self::writable(out)
    }

    /// Makes `runs/TIME-NAME` below `parent`, with a number behind it where that is there already.
    ///
    /// # Errors
    /// [`Error::Write`] if it cannot be made.
    pub fn create_unique(parent: &Path, time: &str, name: &str) -> Result<Self> {
        let runs = parent.join("runs");
        fs::create_dir_all(&runs).map_err(Error::write(&runs))?;
        for number in 1.. {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = runs.join(format!("{time}-{}{suffix}", plain(name)));
            match fs::create_dir(&path) {
                Ok(()) => return Self::writable(&path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::write(path)(error)),
            }
        }
        Err(Error::Bug("no name is left for a run".into()))
    }

    /// Removes a file of the run that was here before.
    pub(super) fn clear(&self, name: &str) -> Result<()> {
        let path = self.file(name);
        if path.exists() { fs::remove_file(&path).map_err(Error::write(path)) } else { Ok(()) }
    }

    fn writable(path: &Path) -> Result<Self> {
        tempfile::tempfile_in(path).map_err(Error::write(path))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a file of this name is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// A name with nothing in it that a shell or a file system could stumble over.
fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .take(40)
        .map(|letter| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' })
        .collect();
    if plain.is_empty() { "run".into() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_not_overwritten_by_accident() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("a/b");
        let run = RunDirectory::create(&out, false).unwrap();
        fs::write(run.file(names::MODEL), "model").unwrap();
        assert_eq!(RunDirectory::create(&out, false).unwrap_err().exit_code(), 2);
        assert!(RunDirectory::create(&out, true).is_ok());
        assert_eq!(RunDirectory::create(&run.file(names::MODEL), true).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn names_are_unique() {
        let parent = tempfile::tempdir().unwrap();
        let make = || RunDirectory::create_unique(parent.path(), "20260101-000000", "my ratings").unwrap();
        assert_eq!(make().path(), parent.path().join("runs/20260101-000000-my-ratings"));
        assert_eq!(make().path(), parent.path().join("runs/20260101-000000-my-ratings-2"));
    }
}
