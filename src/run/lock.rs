//! A lock that allows one process per run. The system releases it when its process ends, for whatever reason.

use super::names;
use crate::{Error, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;

/// The lock; it is held as long as a copy of this lives.
#[derive(Debug, Clone)]
pub(super) struct Lock {
    _file: Arc<File>,
}

impl Lock {
    /// Locks a directory.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process holds it.
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
            // Some network file systems do not support locks; a run without a lock is better than none.
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

    /// Whether a live process holds the lock of a directory.
    pub(super) fn is_held(directory: &Path) -> bool {
        let file = File::open(directory.join(names::LOCK));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}
