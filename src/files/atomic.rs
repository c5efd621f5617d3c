//! A file that appears under its name only when it is complete: it is written under another name in the same
//! directory, synced, then renamed.

use crate::error::{Error, Result};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Bytes that are gathered before a write.
const BUFFER: usize = 1 << 20;

/// How the names of incomplete files start and end.
pub const PARTIAL: (&str, &str) = (".mfgpu-", ".partial");

/// A file being written. Until [`commit`](AtomicFile::commit) an existing file stays as it is; a file dropped
/// without it leaves nothing behind. A link at the path is followed, so its target is replaced.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    target: PathBuf,
    temporary: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Starts a file at `path`, in a directory that exists.
    ///
    /// # Errors
    /// [`Error::Write`] if the directory is missing or not writable, or if `path` is not a regular file.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::start(path).map_err(Error::write(path))
    }

    fn start(path: &Path) -> io::Result<Self> {
        let target = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error),
        };
        if target.exists() && !target.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(PARTIAL.0).suffix(PARTIAL.1);
        #[cfg(unix)]
        {
            // The mode with which any new file is created; the umask then applies.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let temporary = BufWriter::with_capacity(BUFFER, builder.tempfile_in(Self::directory(&target))?);
        Ok(Self { path: path.to_owned(), target, temporary })
    }

    /// The directory of a file.
    pub(super) fn directory(path: &Path) -> &Path {
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// The path that was passed to [`create`](AtomicFile::create).
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the file to its path. After that it survives a power cut.
    ///
    /// # Errors
    /// [`Error::Write`]. The old file is then untouched, unless only the last step, the sync of the
    /// directory, failed.
    pub fn commit(self) -> Result<()> {
        let Self { path, target, temporary } = self;
        let place = || -> io::Result<()> {
            let temporary = temporary.into_inner().map_err(io::IntoInnerError::into_error)?;
            temporary.as_file().sync_all()?;
            temporary.persist(&target).map_err(|error| error.error)?;
            sync_directory(Self::directory(&target))
        };
        place().map_err(Error::write(path))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Only Unix can open a directory to sync it.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_before_commit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("table.csv");
        fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.flush().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "the partial file is removed");

        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_directory_or_a_directory_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let missing = AtomicFile::create(directory.path().join("no/table.csv"));
        assert!(matches!(missing, Err(Error::Write { .. })));
        assert!(matches!(AtomicFile::create(directory.path()), Err(Error::Write { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (directory.path().join("target"), directory.path().join("link"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut file = AtomicFile::create(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }
}
