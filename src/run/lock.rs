//! One process a run: a lock that the system gives back when its process ends, however that ends.

use super::names;
use crate::{Error, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;

/// Held as long as a copy of it lives.
#[derive(Debug, Clone)]
pub(super) struct Lock {
    _file: Arc<File>,
}

impl Lock {
    /// Locks a directory.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process has it.
    pub(super) fn take(directory: &Path) -> Result<Self> {
        let path = directory.join(names::LOCK);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(Error::write(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
                let here = directory.display();
                return Err(Error::Locked(format!(
                    "{here}: {holder} works on this run; wait for it, or end it"
                )));
            }
            // Some network file systems know no locks; a run there is better than none.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(Error::write(path)(error)),
        }
        let tell = |file: &mut File| -> std::io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "process {}", std::process::id())
        };
        tell(&mut file).map_err(Error::write(&path))?;
        Ok(Self { _file: Arc::new(file) })
    }

    /// Whether a live process has the lock of a directory.
    pub(super) fn is_held(directory: &Path) -> bool {
        let file = File::open(directory.join(names::LOCK));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}
