//! A file without a name, for what does not fit memory, and reads and writes at positions.

use super::File;
use super::disk::call;
use crate::error::{Error, Result};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file that has no name: it is gone when it is closed, however the process ends.
#[derive(Debug)]
pub struct Scratch {
    inner: fs::File,
    directory: PathBuf,
}

impl Scratch {
    /// Makes an empty file on the disk of a directory.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn create(directory: &Path) -> Result<Self> {
        let made = call("create", directory, || tempfile::tempfile_in(directory));
        let inner = made.map_err(Error::write(directory))?;
        Ok(Self { inner, directory: directory.to_owned() })
    }

    /// Writes all bytes at a position.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn write_at(&self, bytes: &[u8], at: u64) -> Result<()> {
        call("write", &self.directory, || write_at(&self.inner, bytes, at))
            .map_err(Error::write(&self.directory))
    }

    /// Reads all bytes from a position on.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn read_at(&self, bytes: &mut [u8], at: u64) -> Result<()> {
        call("read", &self.directory, || read_at(&self.inner, bytes, at))
            .map_err(Error::read(&self.directory))
    }
}

impl File {
    /// Reads all bytes from a position on.
    ///
    /// # Errors
    /// Those of the system; one if the file ends before.
    pub fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        call("read", self.path(), || read_at(self.system(), bytes, at))
    }
}

#[cfg(unix)]
fn read_at(file: &fs::File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(unix)]
fn write_at(file: &fs::File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &fs::File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        (bytes, at) = (&mut bytes[count..], at + count as u64);
    }
    Ok(())
}

#[cfg(windows)]
fn write_at(file: &fs::File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        (bytes, at) = (&bytes[count..], at + count as u64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let file = Scratch::create(directory.path()).unwrap();
        file.write_at(b"world", 1000).unwrap();
        file.write_at(b"hello", 0).unwrap();
        let mut found = [0; 5];
        for (at, expected) in [(1000, b"world"), (0, b"hello"), (500, &[0; 5])] {
            file.read_at(&mut found, at).unwrap();
            assert_eq!(&found, expected);
        }
        assert!(matches!(file.read_at(&mut found, 1001), Err(Error::Read { .. })));
        drop(file);
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
        assert!(matches!(Scratch::create(&directory.path().join("no")), Err(Error::Write { .. })));
    }
}
