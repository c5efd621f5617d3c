//! The directory of a run. It is created, and found to be writable, before the long work. Only files that
//! mfgpu wrote are ever removed or replaced in it ([`list`]). A run that replaces another one is in a
//! directory inside until it is complete ([`next`]).

mod files;
mod list;
mod lock;
mod next;

pub use files::{RunDirectory, page_of_run};
pub(super) use lock::Lock;
pub(super) use next::home_of;
pub use next::is_next;

use super::names;
use crate::files::{entries, is_partial, make_directories, make_directory, remove_empty_directory};
use crate::{Error, Result};
use list::List;
use std::io;
use std::path::{Path, PathBuf};

impl RunDirectory {
    /// Creates `out` and its parents for a new run. A directory that holds a run already is accepted if it
    /// has no model and no checkpoint, or with `force`.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is already such a run, a directory with files of somebody else, or a file of
    /// that name; [`Error::Locked`] while another process works on it; [`Error::Write`] if it cannot be
    /// written to.
    pub fn create(out: &Path, force: bool) -> Result<Self> {
        let here = out.display();
        if out.exists() && !out.is_dir() {
            return Err(Error::Usage(format!("{here} is a file; --out names a directory")));
        }
        let made = missing(out);
        make_directories(out).map_err(Error::write(out))?;
        let held_a_run = List::is_in(out);
        if !held_a_run && !is_empty(out)? {
            return Err(Error::Usage(format!(
                "{here} holds files and no run of mfgpu (it has no {}); name another directory, or empty it",
                names::LIST
            )));
        }
        let home = Self::at(out)?;
        next::complete(&home)?;
        let unfinished = next::unfinished(&home)?;
        if home.has(names::MODEL) && !force {
            return Err(Error::Usage(format!(
                "{here} already holds a model; name another directory, or replace it with --force"
            )));
        }
        if unfinished.iter().any(Self::has_checkpoints) && !force {
            return Err(Error::Usage(format!(
                "{here} holds a run that is not finished; go on with `mfgpu resume {here}`, or replace it with --force"
            )));
        }
        home.sweep();
        if home.has(names::MODEL) || !unfinished.is_empty() {
            return next::begin(&home);
        }
        Ok(if held_a_run { home } else { home.first_in(made) })
    }

    /// Opens the directory of an existing run, which may be inside that of the run it replaces. A run that
    /// was complete and not yet in its place is put there. Of several unfinished runs it is the last one that
    /// has a checkpoint, or else the last one.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is none; [`Error::Locked`] while another process works on it.
    pub fn open(path: &Path) -> Result<Self> {
        let path = next::home_of(path).unwrap_or(path);
        let here = path.display();
        if !path.is_dir() {
            return Err(Error::Usage(format!("{here}: expected the directory of a run")));
        }
        if !path.join(names::CONFIG).exists() {
            return Err(Error::Usage(format!("{here}: no run is here, found no {}", names::CONFIG)));
        }
        if !List::is_in(path) {
            let why = "a version of mfgpu began it that kept no list of its files";
            return Err(Error::Usage(format!(
                "{here}: found no {}: {why}; train again, into another directory",
                names::LIST
            )));
        }
        let home = Self::at(path)?;
        next::complete(&home)?;
        let mut unfinished = next::unfinished(&home)?;
        let chosen = unfinished.iter().rposition(Self::has_checkpoints);
        let chosen = chosen.or(unfinished.len().checked_sub(1));
        let run = chosen.map_or(home, |chosen| unfinished.swap_remove(chosen));
        run.sweep();
        Ok(run)
    }

    /// Creates `runs/TIME-NAME` below `parent`, with a number appended if that exists already.
    ///
    /// # Errors
    /// [`Error::Write`] if it cannot be created.
    pub fn create_unique(parent: &Path, time: &str, name: &str) -> Result<Self> {
        let runs = parent.join("runs");
        let outside = missing(&runs);
        make_directories(&runs).map_err(Error::write(&runs))?;
        for number in 1.. {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = runs.join(format!("{time}-{}{suffix}", plain(name)));
            match make_directory(&path) {
                Ok(()) => {
                    return Ok(Self::at(&path)?.first_in([vec![path.clone()], outside].concat()));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::write(path)(error)),
            }
        }
        Err(Error::Bug("no name is left for a run".into()))
    }

    /// Another run of the same home has got so far that those before it are not needed any more.
    pub(super) fn replace_earlier(&self) -> Result<()> {
        next::remove_earlier(self)
    }

    /// Removes the other runs of the same home, which this one replaces.
    pub(super) fn replace_others(&self) -> Result<()> {
        next::remove_others(self)
    }

    /// Puts a complete run into its place.
    pub(super) fn complete(&self) -> Result<()> {
        next::put_in_place(self)
    }

    /// Removes a run that failed before it trained, if there is another one in its home, or if its directory
    /// held no run before: then with the directories that were made for it.
    ///
    /// # Errors
    /// [`Error::Write`] if a file cannot be removed.
    pub fn give_up(&self) -> Result<()> {
        match self.made() {
            _ if self.work != self.home => next::remove(self),
            None => Ok(()),
            Some(made) => {
                next::remove_first(self)?;
                made.iter().try_for_each(|path| remove_empty_directory(path).map_err(Error::write(path)))
            }
        }
    }
}

/// The directories that have to be made for a path, innermost first.
fn missing(path: &Path) -> Vec<PathBuf> {
    let all = path.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists());
    all.map(Path::to_owned).collect()
}

/// Whether a directory has no files, apart from incomplete ones of mfgpu.
fn is_empty(directory: &Path) -> Result<bool> {
    let found = entries(directory).map_err(Error::read(directory))?;
    Ok(found.iter().all(|path| is_partial(path)))
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
    use std::fs;

    #[test]
    fn a_model_is_not_overwritten_by_accident() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("a/b");
        let run = RunDirectory::create(&out, false).unwrap();
        fs::write(run.file(names::MODEL), "model").unwrap();
        assert_eq!(RunDirectory::create(&out, false).unwrap_err().exit_code(), 9, "it is locked");
        let model = run.file(names::MODEL);
        drop(run);
        assert_eq!(RunDirectory::create(&out, false).unwrap_err().exit_code(), 2);
        assert!(RunDirectory::create(&out, true).is_ok());
        assert_eq!(RunDirectory::create(&model, true).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_directory_of_somebody_else_is_refused() {
        let own = tempfile::tempdir().unwrap();
        for name in ["notes", ".hidden", "lock", "model.safetensors", "folder/file"] {
            let out = own.path().join(format!("of-{}", name.len()));
            let file = out.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "mine").unwrap();
            for force in [false, true] {
                assert_eq!(RunDirectory::create(&out, force).unwrap_err().exit_code(), 2, "{name}");
            }
            assert_eq!(fs::read(&file).unwrap(), b"mine");
            assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
        }
    }

    #[test]
    fn files_of_somebody_else_stay() {
        let own = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(&own.path().join("run"), false).unwrap();
        fs::write(run.file("test.csv"), "mine").unwrap();
        assert_eq!(run.writing("test.csv").unwrap_err().exit_code(), 2);
        assert_eq!(run.growing("test.csv").unwrap_err().exit_code(), 2);
        run.clear("test.csv").unwrap();
        assert_eq!(fs::read(run.file("test.csv")).unwrap(), b"mine");
        assert_eq!(run.check_names(|_| true).unwrap_err().exit_code(), 2);
        assert!(run.check_names(|name| name != "test.csv").is_ok());

        run.writing_checkpoint(1).unwrap().commit().unwrap();
        fs::write(run.file("checkpoints/000002.checkpoint"), "mine").unwrap();
        fs::write(run.file("checkpoints/notes"), "mine").unwrap();
        assert_eq!(run.checkpoints().unwrap(), [1, 2]);
        run.clear_checkpoints().unwrap();
        assert_eq!(run.checkpoints().unwrap(), [2]);
        assert_eq!(fs::read_dir(run.file("checkpoints")).unwrap().count(), 2);
    }

    #[test]
    fn numbers_of_checkpoints_are_those_that_mfgpu_gives() {
        let own = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(&own.path().join("run"), false).unwrap();
        fs::create_dir(run.file("checkpoints")).unwrap();
        for name in ["18446744073709551615", "1000000000", "7", "0000008", "000009", "1234567"] {
            fs::write(run.file(&format!("checkpoints/{name}.checkpoint")), "").unwrap();
        }
        assert_eq!(run.checkpoints().unwrap(), [9, 1_234_567]);
    }

    #[test]
    fn what_a_run_made_goes_with_it() {
        let own = tempfile::tempdir().unwrap();
        let out = own.path().join("a/b");
        let begin = |out: &Path| {
            let run = RunDirectory::create(out, false).unwrap();
            run.writing(names::CONFIG).unwrap().commit().unwrap();
            run.writing_checkpoint(1).unwrap().commit().unwrap();
            drop(run.log().unwrap());
            run
        };
        begin(&out).give_up().unwrap();
        assert_eq!(fs::read_dir(own.path()).unwrap().count(), 0);

        // What was there before stays.
        fs::create_dir(own.path().join("a")).unwrap();
        begin(&own.path().join("a")).give_up().unwrap();
        assert_eq!(fs::read_dir(own.path().join("a")).unwrap().count(), 0);
        let run = begin(&out);
        fs::write(out.join("notes"), "mine").unwrap();
        run.give_up().unwrap();
        assert_eq!(
            (fs::read_dir(&out).unwrap().count(), fs::read(out.join("notes")).unwrap()),
            (1, b"mine".into())
        );
        fs::remove_file(out.join("notes")).unwrap();

        // A directory that held a run before is kept, whatever became of the run.
        let run = begin(&out);
        run.clear(names::CONFIG).unwrap();
        drop(run);
        begin(&out).give_up().unwrap();
        assert!(out.join(names::CONFIG).exists() && out.join(names::LIST).exists());
    }

    #[test]
    fn names_are_unique() {
        let parent = tempfile::tempdir().unwrap();
        let make = || RunDirectory::create_unique(parent.path(), "20260101-000000", "my ratings").unwrap();
        assert_eq!(make().path(), parent.path().join("runs/20260101-000000-my-ratings"));
        assert_eq!(make().path(), parent.path().join("runs/20260101-000000-my-ratings-2"));
    }
}
