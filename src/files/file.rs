//! An open file, each of whose operations tests can make fail.

use super::disk::{call, found};
use super::faults::{self, Change};
use crate::Error;
use std::fs::{self, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The largest text that is read as a whole: settings, a status, a record.
const LONGEST_TEXT: u64 = 64 << 20;

/// An open file.
#[derive(Debug)]
pub struct File {
    inner: fs::File,
    path: PathBuf,
    /// What the file was when it was opened to be read as a whole.
    stamp: Option<Stamp>,
}

/// What tells that a file was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        Self { length: found.len(), modified: found.modified().ok() }
    }
}

impl File {
    /// Opens an input. When its end is reached, it must still have the length and the time that it had now;
    /// else reading fails, since what was read is neither the old file nor the new one.
    ///
    /// # Errors
    /// Those of the system.
    pub fn open(path: &Path) -> io::Result<Self> {
        let inner = call("open", path, || fs::File::open(path))?;
        let stamp = Some(inner.metadata()?).filter(Metadata::is_file).map(|found| Stamp::of(&found));
        Ok(Self { inner, path: path.to_owned(), stamp })
    }

    /// Opens a file that the program itself wrote, which may still grow. A link, a pipe or a device at its
    /// path is refused.
    ///
    /// # Errors
    /// Those of the system, and one for what is no file.
    pub fn open_own(path: &Path) -> io::Result<Self> {
        Self::plain(path, OpenOptions::new().read(true))
    }

    /// Opens a file of the program's own to read it and to write more, and makes it if it is missing. As
    /// [`open_own`](Self::open_own); a file with a second name is refused as well, since whoever gave it that
    /// name may count on it.
    ///
    /// # Errors
    /// As [`open_own`](Self::open_own).
    pub fn grow_own(path: &Path) -> io::Result<Self> {
        let made = found(path)?.is_none();
        let file = Self::plain(path, OpenOptions::new().read(true).append(true).create(true))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            if file.inner.metadata()?.nlink() > 1 {
                return Err(refused("a file that has a second name (a hard link)"));
            }
        }
        if made {
            faults::changed(Change::Made(path.to_owned()));
        }
        Ok(file)
    }

    fn plain(path: &Path, options: &mut OpenOptions) -> io::Result<Self> {
        if let Some(there) = found(path)? {
            refuse(&there)?;
        }
        #[cfg(unix)]
        {
            use rustix::fs::OFlags;
            use std::os::unix::fs::OpenOptionsExt;
            // What was exchanged meanwhile is neither followed nor waited for.
            options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
        }
        let inner = call("open", path, || options.open(path))?;
        refuse(&inner.metadata()?)?;
        Ok(Self { inner, path: path.to_owned(), stamp: None })
    }

    /// Makes a file that is not there yet, with at most these permissions.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn create_new(path: &Path, mode: u32) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        let inner = call("create", path, || options.open(path))?;
        faults::changed(Change::Made(path.to_owned()));
        Ok(Self { inner, path: path.to_owned(), stamp: None })
    }

    /// Opens a pipe or a device to write to it, or a file without changing it.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn open_to_write(path: &Path) -> io::Result<Self> {
        let inner = call("open", path, || OpenOptions::new().write(true).open(path))?;
        Ok(Self { inner, path: path.to_owned(), stamp: None })
    }

    /// The path that it was opened by.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file as the system has it.
    pub(super) fn system(&self) -> &fs::File {
        &self.inner
    }

    /// What the file is now.
    ///
    /// # Errors
    /// Those of the system.
    pub fn metadata(&self) -> io::Result<Metadata> {
        call("fstat", &self.path, || self.inner.metadata())
    }

    /// Whether the input still is what it was when it was opened.
    ///
    /// # Errors
    /// If it is not; those of the system.
    pub fn check_unchanged(&self) -> io::Result<()> {
        let Some(before) = self.stamp else { return Ok(()) };
        Self::same(before, Stamp::of(&self.metadata()?))
    }

    /// Whether another input, opened later by the same path, is still what this one was.
    ///
    /// # Errors
    /// If it is not.
    pub fn check_same(&self, later: &Self) -> io::Result<()> {
        match (self.stamp, later.stamp) {
            (Some(before), Some(now)) => Self::same(before, now),
            _ => Ok(()),
        }
    }

    fn same(before: Stamp, now: Stamp) -> io::Result<()> {
        if now == before {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "it changed while it was read: it had {} bytes at the beginning and {} at the end; read it when \
             nothing writes to it",
            before.length, now.length
        )))
    }

    /// Cuts the file off, or fills it with zeros, to this length.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn set_length(&self, bytes: u64) -> io::Result<()> {
        call("truncate", &self.path, || self.inner.set_len(bytes))?;
        faults::shortened(&self.inner);
        Ok(())
    }

    /// After that, the contents survive a power cut.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn sync(&self) -> io::Result<()> {
        call("sync", &self.path, || self.inner.sync_all())?;
        faults::synced(&self.inner);
        Ok(())
    }

    /// Locks the file, until it is closed; `false` while another process holds it. Some network file systems
    /// have no locks: a file without a lock is better there than none.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn lock(&self) -> io::Result<bool> {
        call("lock", &self.path, || match self.inner.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        })
    }

    /// Whether another process has locked the file.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self.inner.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Whether the path still leads to this file.
    pub(super) fn is_at(&self, path: &Path) -> io::Result<bool> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let (own, there) = (self.metadata()?, found(path)?);
            Ok(there.is_some_and(|there| (there.dev(), there.ino()) == (own.dev(), own.ino())))
        }
        #[cfg(not(unix))]
        Ok(found(path)?.is_some())
    }

    /// Gives the file the permissions of another one, and its owner where that is allowed.
    pub(super) fn take_after(&self, other: &Metadata) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            let own = self.metadata()?;
            if (own.uid(), own.gid()) != (other.uid(), other.gid())
                && fchown(&self.inner, Some(other.uid()), Some(other.gid())).is_err()
            {
                // Whoever may not give files away may still give them to a group of theirs.
                let _ = fchown(&self.inner, None, Some(other.gid()));
            }
        }
        call("chmod", &self.path, || self.inner.set_permissions(other.permissions()))
    }
}

/// Something else is in the place of a file of the program's own.
#[derive(Debug, thiserror::Error)]
#[error("found {0}, expected a file that mfgpu wrote")]
struct Refused(&'static str);

fn refused(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, Refused(what))
}

/// For `map_err` on a read of a file of the program's own.
pub(crate) fn own_read(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
    move |error| damaged(path.as_ref(), &error).unwrap_or_else(|| Error::read(path)(error))
}

/// For `map_err` on a write to a file of the program's own.
pub(crate) fn own_write(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
    move |error| damaged(path.as_ref(), &error).unwrap_or_else(|| Error::write(path)(error))
}

fn damaged(path: &Path, error: &io::Error) -> Option<Error> {
    let refused = error.get_ref().is_some_and(|inner| inner.downcast_ref::<Refused>().is_some());
    refused.then(|| Error::Damaged { path: path.to_owned(), why: error.to_string() })
}

/// Refuses what is no file.
pub(crate) fn refuse(there: &Metadata) -> io::Result<()> {
    let kind = there.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_symlink() => "a link",
        () if kind.is_dir() => "a directory",
        () => "a pipe or a device",
    };
    Err(refused(what))
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self { inner, path, .. } = self;
        let count = call("read", path, || inner.read(buffer))?;
        if count == 0 && !buffer.is_empty() {
            self.check_unchanged()?;
        }
        Ok(count)
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self { inner, path, .. } = self;
        faults::writing(inner);
        call("write", path, || inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// All bytes of a file.
///
/// # Errors
/// Those of the system.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    all(File::open(path)?)
}

/// All bytes of a file of the program's own, as [`File::open_own`] opens it.
///
/// # Errors
/// As [`File::open_own`].
pub fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    all(File::open_own(path)?)
}

fn all(mut file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = file.metadata()?.len();
    bytes.try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file as text, of at most 64 MiB.
///
/// # Errors
/// Those of the system; of a longer file, or if it is no UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    text(File::open(path)?)
}

/// As [`read_text`], of a file of the program's own.
///
/// # Errors
/// As [`read_text`] and [`File::open_own`].
pub fn read_own_text(path: &Path) -> io::Result<String> {
    text(File::open_own(path)?)
}

fn text(file: File) -> io::Result<String> {
    let mut text = String::new();
    if file.take(LONGEST_TEXT + 1).read_to_string(&mut text)? as u64 > LONGEST_TEXT {
        return Err(io::Error::other("it has more than 64 MiB, expected less"));
    }
    Ok(text)
}
