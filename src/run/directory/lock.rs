//! A lock that allows one process per run. The system releases it when its process ends, for whatever reason.

use super::super::names;
use crate::files::{File, own_write};
use crate::{Error, Result};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

/// The lock; it is held as long as a copy of this lives.
#[derive(Debug, Clone)]
pub(in crate::run) struct Lock {
    _file: Arc<File>,
}

impl Lock {
    /// Locks a directory.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process holds it.
    pub(in crate::run) fn take(directory: &Path) -> Result<Self> {
        let path = directory.join(names::LOCK);
        let mut file = File::grow_own(&path).map_err(own_write(&path))?;
        if !file.lock().map_err(Error::write(&path))? {
            let mut holder = String::new();
            let _ = file.take(80).read_to_string(&mut holder);
            let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
            let here = directory.display();
            return Err(Error::Locked(format!("{here}: {holder} works on this run; wait for it, or end it")));
        }
        let mut tell = || {
            file.set_length(0)?;
            writeln!(file, "process {}", std::process::id())
        };
        tell().map_err(Error::write(&path))?;
        Ok(Self { _file: Arc::new(file) })
    }

    /// Whether a live process holds the lock of a directory.
    pub(in crate::run) fn is_held(directory: &Path) -> bool {
        File::open_own(&directory.join(names::LOCK)).is_ok_and(|file| file.is_locked())
    }
}
