//! The directory of a run and the files in it, of which only those that mfgpu wrote are ever removed or
//! replaced.

use super::list::{Holder, List};
use super::lock::Lock;
use crate::files::{
    AtomicFile, File, Sink, entries, found, is_partial, make_directory, own_read, own_write,
    remove_empty_directory, remove_file, sweep,
};
use crate::run::names;
use crate::stop::Stop;
use crate::{Error, Result};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The extension of checkpoint files.
const CHECKPOINT: &str = "checkpoint";

/// The highest number of a checkpoint.
const LAST_NUMBER: u64 = 999_999_999;

/// A directory that exists, can be written to, and is locked by this process.
#[derive(Debug, Clone)]
pub struct RunDirectory {
    /// The directory that the user named.
    pub(super) home: PathBuf,
    /// The same, or the directory inside it that holds the run until it is complete.
    pub(super) work: PathBuf,
    list: Arc<Mutex<List>>,
    /// The directories that were made for the run, innermost first; `None` if it is in one that held a run.
    made: Option<Vec<PathBuf>>,
    _lock: Lock,
}

impl RunDirectory {
    /// The directory itself, locked.
    pub(super) fn at(path: &Path) -> Result<Self> {
        // Where the list is, there is a run; so it is there before any other file.
        let list = List::open(path)?;
        let lock = Lock::take(path)?;
        // Another process may have written to the list before it left the lock.
        drop(list);
        let mut list = List::open(path)?;
        list.claim(names::LOCK, None)?;
        let list = Arc::new(Mutex::new(list));
        Ok(Self { home: path.to_owned(), work: path.to_owned(), list, made: None, _lock: lock })
    }

    /// The same, of a run in a directory that held none before, with the directories that were made for it,
    /// innermost first.
    pub(super) fn first_in(self, made: Vec<PathBuf>) -> Self {
        Self { made: Some(made), ..self }
    }

    pub(super) fn made(&self) -> Option<&[PathBuf]> {
        self.made.as_deref()
    }

    pub(super) fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The path of the directory that the user named.
    pub fn path(&self) -> &Path {
        &self.home
    }

    /// Where the files of the run are: the same, or a directory inside it until the run is complete.
    pub fn work(&self) -> &Path {
        &self.work
    }

    /// The path of a file of the run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.file(name).exists()
    }

    /// The run in another directory of the same home.
    pub(super) fn inside(&self, work: PathBuf) -> Result<Self> {
        let list = Arc::new(Mutex::new(List::open(&work)?));
        Ok(Self { work, list, ..self.clone() })
    }

    /// Whether the run is complete. Its model is written last.
    pub fn is_finished(&self) -> bool {
        self.has(names::MODEL)
    }

    /// Refuses a directory that holds, under a name that `writes` selects, a file of somebody else.
    ///
    /// # Errors
    /// [`Error::Usage`] that names the file; [`Error::Damaged`] if it is a link, a pipe or a device.
    pub(in crate::run) fn check_names(&self, writes: impl Fn(&str) -> bool) -> Result<()> {
        let home = List::open(&self.home)?;
        for name in names::OUTPUTS.into_iter().filter(|name| writes(name)) {
            if home.holder(name)? == Holder::Somebody {
                return Err(home.taken(name));
            }
        }
        Ok(())
    }

    /// Starts a file of the run, whose contents are noted when it is complete.
    ///
    /// # Errors
    /// [`Error::Usage`] if a file of somebody else has that name; [`Error::Write`].
    pub(in crate::run) fn writing(&self, name: &str) -> Result<AtomicFile> {
        self.free(name)?;
        let file = AtomicFile::create_own(&self.file(name))?;
        let (list, name) = (Arc::clone(&self.list), name.to_owned());
        Ok(file.claimed_by(move |contents| {
            list.lock().unwrap_or_else(PoisonError::into_inner).claim(&name, Some(contents))
        }))
    }

    /// The same for a file that is written again and again, so that its contents are not noted.
    ///
    /// # Errors
    /// As [`writing`](Self::writing).
    pub(in crate::run) fn rewriting(&self, name: &str) -> Result<AtomicFile> {
        self.free(name)?;
        self.list().claim(name, None)?;
        AtomicFile::create_own(&self.file(name))
    }

    /// Opens a file of the run that grows.
    ///
    /// # Errors
    /// As [`writing`](Self::writing).
    pub(in crate::run) fn growing(&self, name: &str) -> Result<File> {
        self.free(name)?;
        self.list().claim(name, None)?;
        let path = self.file(name);
        File::grow_own(&path).map_err(own_write(path))
    }

    /// Opens the log of messages, to write more to it.
    ///
    /// # Errors
    /// [`Error::Usage`] if a file of somebody else has its name; [`Error::Write`].
    pub fn log(&self) -> Result<File> {
        self.growing(names::LOG)
    }

    fn free(&self, name: &str) -> Result<()> {
        let list = self.list();
        if list.holder(name)? == Holder::Somebody { Err(list.taken(name)) } else { Ok(()) }
    }

    /// Opens a file of the run for writing; writes fail once `stop` is raised.
    pub(in crate::run) fn sink(&self, name: &str, stop: &Stop) -> Result<Sink<'static>> {
        Ok(Sink::file(self.writing(name)?).until(stop))
    }

    /// Removes a file of the run, if there is one that mfgpu wrote.
    pub(in crate::run) fn clear(&self, name: &str) -> Result<()> {
        if self.list().holder(name)? == Holder::Mfgpu {
            let path = self.file(name);
            remove_file(&path).map_err(Error::write(path))?;
        }
        Ok(())
    }

    /// The numbers of the checkpoints, ascending. A file counts if its name is one that mfgpu gives.
    pub(in crate::run) fn checkpoints(&self) -> Result<Vec<u64>> {
        let folder = self.file(names::CHECKPOINTS);
        match found(&folder).map_err(Error::read(&folder))? {
            None => return Ok(Vec::new()),
            Some(there) if there.is_dir() => {}
            Some(_) => return Err(own_read(&folder)(not_a_folder())),
        }
        let numbers = entries(&folder).map_err(Error::read(&folder))?.into_iter().filter_map(|path| {
            let number = path.file_stem()?.to_str()?.parse().ok().filter(|&number| number <= LAST_NUMBER)?;
            (path.file_name()?.to_str()? == checkpoint_name(number)).then_some(number)
        });
        let mut numbers: Vec<u64> = numbers.collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    pub(super) fn has_checkpoints(&self) -> bool {
        self.checkpoints().is_ok_and(|found| !found.is_empty())
    }

    /// The path of a checkpoint.
    pub(in crate::run) fn checkpoint(&self, number: u64) -> PathBuf {
        self.file(&checkpoint(number))
    }

    /// Starts a checkpoint.
    pub(in crate::run) fn writing_checkpoint(&self, number: u64) -> Result<AtomicFile> {
        let folder = self.file(names::CHECKPOINTS);
        match found(&folder).map_err(Error::read(&folder))? {
            None => make_directory(&folder).map_err(Error::write(&folder))?,
            Some(there) if there.is_dir() => {}
            Some(_) => return Err(own_write(&folder)(not_a_folder())),
        }
        self.rewriting(&checkpoint(number))
    }

    /// Removes a checkpoint.
    pub(in crate::run) fn clear_checkpoint(&self, number: u64) -> Result<()> {
        self.clear(&checkpoint(number))
    }

    /// Removes the checkpoints that mfgpu wrote, and their directory if nothing else is in it.
    pub(in crate::run) fn clear_checkpoints(&self) -> Result<()> {
        for number in self.checkpoints()? {
            self.clear_checkpoint(number)?;
        }
        let folder = self.file(names::CHECKPOINTS);
        sweep_in(&folder);
        remove_empty_directory(&folder).map_err(Error::write(folder))
    }

    /// Removes partial files of a process that was killed.
    pub(super) fn sweep(&self) {
        sweep_in(&self.work);
        sweep_in(&self.file(names::CHECKPOINTS));
    }
}

/// Opens the page of the run in a directory, on which another process may work, to write it anew.
///
/// # Errors
/// [`Error::Usage`] if a file of somebody else has its name; [`Error::Write`].
pub fn page_of_run(directory: &Path) -> Result<Sink<'static>> {
    let path = directory.join(names::REPORT);
    if !List::is_in(directory) {
        return AtomicFile::create(path).map(Sink::file);
    }
    let mut list = List::open(directory)?;
    if list.holder(names::REPORT)? == Holder::Somebody {
        return Err(list.taken(names::REPORT));
    }
    let file = AtomicFile::create_own(&path)?;
    Ok(Sink::file(file.claimed_by(move |contents| list.claim(names::REPORT, Some(contents)))))
}

fn checkpoint_name(number: u64) -> String {
    format!("{number:06}.{CHECKPOINT}")
}

fn checkpoint(number: u64) -> String {
    format!("{}/{}", names::CHECKPOINTS, checkpoint_name(number))
}

fn not_a_folder() -> io::Error {
    io::Error::new(io::ErrorKind::NotADirectory, "found no directory, expected that of the checkpoints")
}

pub(super) fn sweep_in(directory: &Path) {
    let found = entries(directory).unwrap_or_default();
    for path in found.iter().filter(|path| is_partial(path)) {
        let _ = sweep(path);
    }
}
