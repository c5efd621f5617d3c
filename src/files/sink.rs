//! The destination of a table: a file that appears when complete, or a stream such as standard output.

use super::AtomicFile;
use super::disk::metadata;
use super::file::File;
use crate::error::{Error, Result};
use crate::stop::Stop;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use zstd::stream::write::Encoder;

/// zstd's own default: fast, and close to its best compression.
const ZSTD_LEVEL: i32 = 3;

/// A destination with a name for error messages.
pub struct Sink<'a> {
    to: Destination<'a>,
    stop: Stop,
}

/// The kinds of destination.
enum Destination<'a> {
    /// A file that appears under its name at [`Sink::commit`].
    File(AtomicFile),
    /// A stream that gets the bytes at once; the name is for errors.
    Stream { name: PathBuf, stream: Box<dyn Write + Send + 'a> },
    /// Compresses the bytes and passes them on.
    Zstd { name: PathBuf, packer: Box<Encoder<'static, Sink<'a>>> },
}

impl<'a> Sink<'a> {
    /// Opens `path` for writing; `-` is standard output. A path that is not a regular file (a pipe,
    /// `/dev/null`) is written as a stream.
    ///
    /// # Errors
    /// [`Error::Write`] if it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if path == Path::new("-") {
            return Ok(Self::stream("standard output", BufWriter::with_capacity(1 << 16, io::stdout())));
        }
        match metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let stream = File::open_to_write(path).map_err(Error::write(path))?;
                Ok(Self::stream(path, BufWriter::with_capacity(1 << 16, stream)))
            }
            _ => AtomicFile::create(path).map(Self::file),
        }
    }

    /// A sink over a file that appears when it is complete.
    pub fn file(file: AtomicFile) -> Self {
        Self::to(Destination::File(file))
    }

    /// A sink over any writer, with a name for error messages.
    pub fn stream(name: impl Into<PathBuf>, stream: impl Write + Send + 'a) -> Self {
        Self::to(Destination::Stream { name: name.into(), stream: Box::new(stream) })
    }

    fn to(to: Destination<'a>) -> Self {
        Self { to, stop: Stop::new() }
    }

    /// The same destination; once the token is raised, writes fail.
    #[must_use]
    pub fn until(self, stop: &Stop) -> Self {
        Self { stop: stop.clone(), ..self }
    }

    /// The same destination, compressed with zstd.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn zstd(self) -> Result<Self> {
        let (name, stop) = (self.path().to_owned(), self.stop.clone());
        let packer = Encoder::new(self, ZSTD_LEVEL).map_err(Error::write(&name))?;
        Ok(Self { to: Destination::Zstd { name, packer: Box::new(packer) }, stop })
    }

    /// The same destination, compressed as by [`zstd`](Self::zstd) if `zstd` is true.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn packed(self, zstd: bool) -> Result<Self> {
        if zstd { self.zstd() } else { Ok(self) }
    }

    /// The name to use in messages.
    pub fn path(&self) -> &Path {
        match &self.to {
            Destination::File(file) => file.path(),
            Destination::Stream { name, .. } | Destination::Zstd { name, .. } => name,
        }
    }

    /// Writes all of `bytes`, and returns this crate's error.
    ///
    /// # Errors
    /// [`Error::Write`]; a closed pipe has `source.kind()` `BrokenPipe`.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|source| Error::write(self.path())(source))
    }

    /// Ends the output: a file is moved to its path, a stream is flushed.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn commit(self) -> Result<()> {
        match self.to {
            Destination::File(file) => file.commit(),
            Destination::Stream { name, mut stream } => stream.flush().map_err(Error::write(name)),
            Destination::Zstd { name, packer } => packer.finish().map_err(Error::write(name))?.commit(),
        }
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stop.check_write()?;
        match &mut self.to {
            Destination::File(file) => file.write(bytes),
            Destination::Stream { stream, .. } => stream.write(bytes),
            Destination::Zstd { packer, .. } => packer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            Destination::File(file) => file.flush(),
            Destination::Stream { stream, .. } => stream.flush(),
            Destination::Zstd { packer, .. } => packer.flush(),
        }
    }
}

impl fmt::Debug for Sink<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Sink").field(&self.path()).finish()
    }
}
