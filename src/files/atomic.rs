//! A file that appears under its name only when it is complete: it is written under another name in the same
//! directory, synced, then renamed.

use super::disk::{found, parent, rename, sync_directory};
use super::file::{File, refuse};
use super::partial::Partial;
use crate::error::{Error, Result};
use std::fmt;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Bytes that are gathered before a write.
const BUFFER: usize = 1 << 20;

/// The longest chain of links.
const LINKS: usize = 40;

/// What a complete file is, for whoever keeps a list of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contents {
    /// Its BLAKE3 checksum.
    pub(crate) checksum: blake3::Hash,
    /// Its length in bytes.
    pub(crate) length: u64,
}

type Claim = Box<dyn FnOnce(Contents) -> Result<()> + Send>;

/// A file on somebody's list: what is told when it is complete, and what it is so far.
struct Claimed {
    claim: Claim,
    hash: blake3::Hasher,
    length: u64,
}

/// A file being written. Until [`commit`](AtomicFile::commit) an existing file stays as it is; a file dropped
/// without it leaves nothing behind. A link at the path is followed, so its target is replaced. A file that is
/// replaced hands down its permissions and, where that is allowed, its owner.
pub struct AtomicFile {
    path: PathBuf,
    target: PathBuf,
    to: BufWriter<Partial>,
    claimed: Option<Box<Claimed>>,
}

impl AtomicFile {
    /// Starts a file at `path`, in a directory that exists.
    ///
    /// # Errors
    /// [`Error::Write`] if the directory is missing or not writable, if `path` is not a regular file, or if it
    /// is one that may not be written.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let start = || Self::start(path, target(path)?);
        start().map_err(Error::write(path))
    }

    /// Starts a file that is the program's own: a link at the path is refused.
    pub(crate) fn create_own(path: &Path) -> Result<Self> {
        let start = || {
            if let Some(there) = found(path)? {
                refuse(&there)?;
            }
            Self::start(path, path.to_owned())
        };
        start().map_err(super::own_write(path))
    }

    /// The same file; `claim` is called with what it is before it gets its name.
    pub(crate) fn claimed_by(self, claim: impl FnOnce(Contents) -> Result<()> + Send + 'static) -> Self {
        let claimed = Claimed { claim: Box::new(claim), hash: blake3::Hasher::new(), length: 0 };
        Self { claimed: Some(Box::new(claimed)), ..self }
    }

    fn start(path: &Path, target: PathBuf) -> io::Result<Self> {
        let there = found(&target)?;
        if let Some(there) = &there {
            if !there.is_file() {
                return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
            }
            if there.permissions().readonly() {
                let why = "its permissions allow nobody to write to it; change them, or name another file";
                return Err(io::Error::new(ErrorKind::PermissionDenied, why));
            }
            File::open_to_write(&target)?;
        }
        // What replaces a private file is private from the beginning. The umask applies to a new one.
        let mode = if there.is_some() { 0o600 } else { 0o666 };
        let to = BufWriter::with_capacity(BUFFER, Partial::create(&target, mode)?);
        Ok(Self { path: path.to_owned(), target, to, claimed: None })
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
        let Self { path, target, to, claimed } = self;
        let mut partial =
            to.into_inner().map_err(io::IntoInnerError::into_error).map_err(Error::write(&path))?;
        let finish = |partial: &Partial| -> io::Result<()> {
            if let Some(old) = found(&target)? {
                partial.file.take_after(&old)?;
            }
            partial.file.sync()
        };
        finish(&partial).map_err(Error::write(&path))?;
        if let Some(claimed) = claimed {
            let Claimed { claim, hash, length } = *claimed;
            claim(Contents { checksum: hash.finalize(), length })?;
        }
        rename(&partial.path, &target).map_err(Error::write(&path))?;
        partial.placed = true;
        sync_directory(parent(&target)).map_err(Error::write(&path))
    }
}

/// Where the links at a path lead; nothing need be there.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match found(&target)? {
            Some(there) if there.is_symlink() => {
                target = parent(&target).join(super::disk::link(&target)?);
            }
            _ => return Ok(target),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "a link that leads in a circle"))
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes)?;
        if let Some(claimed) = &mut self.claimed {
            claimed.hash.update(&bytes[..count]);
            claimed.length += count as u64;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Write for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for AtomicFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("AtomicFile").field(&self.path).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::PARTIAL;
    use std::fs;

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

    /// A file whose writer is gone, as a process that was killed leaves it.
    fn left_behind(path: &Path) {
        let file = AtomicFile::create(path).unwrap();
        let (kept, aside) = (path.with_file_name("kept"), path.with_file_name("aside"));
        let partial = partials(path.parent().unwrap()).pop().unwrap();
        fs::rename(&partial, &kept).unwrap();
        fs::copy(&kept, &aside).unwrap();
        drop(file);
        fs::rename(aside, partial).unwrap();
        fs::remove_file(kept).unwrap();
    }

    fn partials(directory: &Path) -> Vec<PathBuf> {
        let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.to_string_lossy().ends_with(PARTIAL.1)).collect()
    }

    #[test]
    fn what_a_killed_writer_left_is_removed_by_the_next_one() {
        let directory = tempfile::tempdir().unwrap();
        let [path, other] = ["table.csv", "other.csv"].map(|name| directory.path().join(name));
        left_behind(&path);
        left_behind(&other);
        let mine = partials(directory.path());
        assert_eq!(mine.len(), 2);
        // A writer that lives keeps what it has.
        let mut first = AtomicFile::create(&path).unwrap();
        assert_eq!(partials(directory.path()).len(), 2, "that of the other file is not touched");
        let mut second = AtomicFile::create(&path).unwrap();
        assert_eq!(partials(directory.path()).len(), 3);
        first.write_all(b"first").unwrap();
        second.write_all(b"second").unwrap();
        second.commit().unwrap();
        first.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        AtomicFile::create(&other).unwrap().commit().unwrap();
        assert!(partials(directory.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("table.csv");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        for private in [0o600, 0o640, 0o666, 0o755] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(private)).unwrap();
            let mut file = AtomicFile::create(&path).unwrap();
            file.write_all(b"new").unwrap();
            assert_eq!(mode(&partials(directory.path())[0]) & 0o077, 0, "nobody else reads it meanwhile");
            file.commit().unwrap();
            assert_eq!((mode(&path), fs::read(&path).unwrap()), (private, b"new".to_vec()));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(AtomicFile::create(&path).unwrap_err().exit_code(), 4, "nobody may write to it");
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nothing_makes_its_target() {
        use std::os::unix::fs::symlink;
        let directory = tempfile::tempdir().unwrap();
        let [one, two, target] = ["one", "two", "target"].map(|name| directory.path().join(name));
        symlink("two", &one).unwrap();
        symlink("target", &two).unwrap();
        let mut file = AtomicFile::create(&one).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert!(fs::symlink_metadata(&one).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
        symlink("circle", directory.path().join("circle")).unwrap();
        assert_eq!(AtomicFile::create(directory.path().join("circle")).unwrap_err().exit_code(), 4);
    }
}
