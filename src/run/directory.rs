//! The directory of a run. It is created, and found to be writable, before the long work.

use super::checkpoints::Checkpoints;
use super::lock::Lock;
use super::names;
use crate::files::{PARTIAL, Sink, remove_directory};
use crate::stop::Stop;
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The files that a run leaves, with the model last.
const OUTPUTS: [&str; 11] = [
    names::STATUS,
    names::LOG,
    names::METRICS,
    names::RECORD,
    names::TOP,
    names::TEST,
    names::HELD_OUT,
    names::REPORT,
    names::CONFIG,
    names::LISTS,
    names::MODEL,
];

/// A directory that exists, can be written to, and is locked by this process.
#[derive(Debug, Clone)]
pub struct RunDirectory {
    path: PathBuf,
    _lock: Lock,
}

impl RunDirectory {
    /// Creates `out` and its parents. A directory that holds a model already is accepted with `force` only.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is already a model, or a file of that name; [`Error::Write`] if it cannot be
    /// written to.
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
        if !out.join(names::MODEL).exists() && Checkpoints::any(&out.join(names::CHECKPOINTS)) && !force {
            return Err(Error::Usage(format!(
                "{here} holds a run that is not finished; go on with `mfgpu resume {here}`, or replace it with --force"
            )));
        }
        fs::create_dir_all(out).map_err(Error::write(out))?;
        Self::writable(out)
    }

    /// Opens the directory of an existing run.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is none; [`Error::Locked`] while another process works on it.
    pub fn open(path: &Path) -> Result<Self> {
        let here = path.display();
        if !path.is_dir() {
            return Err(Error::Usage(format!("{here}: expected the directory of a run")));
        }
        if !path.join(names::CONFIG).exists() {
            return Err(Error::Usage(format!("{here}: no run is here, found no {}", names::CONFIG)));
        }
        Self::writable(path)
    }

    /// Opens a file of the directory for writing; writes fail once `stop` is raised.
    pub(super) fn sink(&self, name: &str, stop: &Stop) -> Result<Sink<'static>> {
        Ok(Sink::open(self.file(name))?.until(stop))
    }

    /// Moves the files of a finished run into a directory inside this one, so that no old file lies next to
    /// new ones. `stays` selects the files that the new run reads and that stay in place.
    pub(super) fn put_aside(&self, stays: impl Fn(&Path) -> bool) -> Result<PutAside> {
        let aside = self.file(names::PREVIOUS);
        let mut moved = Vec::new();
        if self.file(names::MODEL).exists() {
            remove_directory(&aside)?;
            fs::create_dir(&aside).map_err(Error::write(&aside))?;
            // The model is moved last: as long as it is here, the old run counts as finished.
            for name in OUTPUTS {
                let (from, to) = (self.file(name), aside.join(name));
                if from.exists() && !stays(&from) {
                    fs::rename(&from, &to).map_err(Error::write(&from))?;
                    moved.push((from, to));
                }
            }
        }
        Ok(PutAside { aside, moved })
    }

    /// Removes the files of the previous run that were moved aside.
    pub(super) fn forget_previous(&self) -> Result<()> {
        remove_directory(&self.file(names::PREVIOUS))
    }

    /// Removes partial files of a process that was killed.
    pub(super) fn sweep(&self) {
        for directory in [self.path.clone(), self.file(names::CHECKPOINTS)] {
            for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if name.starts_with(PARTIAL.0) && name.ends_with(PARTIAL.1) {
                    let _ = fs::remove_file(entry.path());
                }
            }
        }
    }

    /// Creates `runs/TIME-NAME` below `parent`, with a number appended if that exists already.
    ///
    /// # Errors
    /// [`Error::Write`] if it cannot be created.
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

    /// Removes a file of an earlier run, if there is one.
    pub(super) fn clear(&self, name: &str) -> Result<()> {
        let path = self.file(name);
        if path.exists() { fs::remove_file(&path).map_err(Error::write(path)) } else { Ok(()) }
    }

    fn writable(path: &Path) -> Result<Self> {
        tempfile::tempfile_in(path).map_err(Error::write(path))?;
        Ok(Self { path: path.to_owned(), _lock: Lock::take(path)? })
    }

    /// The path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// The files of a previous run, moved aside.
pub(super) struct PutAside {
    aside: PathBuf,
    moved: Vec<(PathBuf, PathBuf)>,
}

impl PutAside {
    /// Moves them back, when the new run left nothing in their place.
    pub(super) fn put_back(self) -> Result<()> {
        for (from, to) in self.moved.iter().rev() {
            fs::rename(to, from).map_err(Error::write(from))?;
        }
        self.forget()
    }

    /// Removes them.
    pub(super) fn forget(self) -> Result<()> {
        remove_directory(&self.aside)
    }
}

/// Replaces everything in a name that a shell or a file system could misread.
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
        assert_eq!(RunDirectory::create(&out, true).unwrap_err().exit_code(), 9, "it is locked");
        let model = run.file(names::MODEL);
        drop(run);
        assert!(RunDirectory::create(&out, true).is_ok());
        assert_eq!(RunDirectory::create(&model, true).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn names_are_unique() {
        let parent = tempfile::tempdir().unwrap();
        let make = || RunDirectory::create_unique(parent.path(), "20260101-000000", "my ratings").unwrap();
        assert_eq!(make().path(), parent.path().join("runs/20260101-000000-my-ratings"));
        assert_eq!(make().path(), parent.path().join("runs/20260101-000000-my-ratings-2"));
    }
}
