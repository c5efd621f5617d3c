//! Where a table goes: a file that appears when complete, or a stream such as standard output.

use super::AtomicFile;
use crate::error::{Error, Result};
use crate::interrupt;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use zstd::stream::write::Encoder;

/// What zstd itself packs with by default: quick, and nearly as small as it gets.
const ZSTD_LEVEL: i32 = 3;

/// A destination with a name for error messages.
pub enum Sink<'a> {
    /// Shows under its name at [`Sink::commit`].
    File(AtomicFile),
    /// Gets the bytes as they come.
    Stream {
        /// What to call it in an error.
        name: PathBuf,
        /// Where the bytes go.
        stream: Box<dyn Write + Send + 'a>,
    },
    /// Packs the bytes on their way.
    Zstd {
        /// What to call it in an error.
        name: PathBuf,
        /// The packer, and where the packed bytes go.
        packer: Box<Encoder<'static, Sink<'a>>>,
    },
}

impl<'a> Sink<'a> {
    /// Opens `path` for writing; `-` is standard output. What is no regular file (a pipe, `/dev/null`) is
    /// written to as a stream.
    ///
    /// # Errors
    /// [`Error::Write`] if it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if path == Path::new("-") {
            return Ok(Self::stream("standard output", BufWriter::with_capacity(1 << 16, io::stdout())));
        }
        match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let stream = OpenOptions::new().write(true).open(path).map_err(Error::write(path))?;
                Ok(Self::stream(path, BufWriter::with_capacity(1 << 16, stream)))
            }
            _ => AtomicFile::create(path).map(Self::File),
        }
    }

    /// A sink over any writer, under a name for error messages.
    pub fn stream(name: impl Into<PathBuf>, stream: impl Write + Send + 'a) -> Self {
        Self::Stream { name: name.into(), stream: Box::new(stream) }
    }

    /// The same destination, whose bytes are packed with zstd.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn zstd(self) -> Result<Self> {
        let name = self.path().to_owned();
        let packer = Encoder::new(self, ZSTD_LEVEL).map_err(Error::write(&name))?;
        Ok(Self::Zstd { name, packer: Box::new(packer) })
    }

    /// The same destination, packed as [`zstd`](Self::zstd) does if it is to be.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn packed(self, zstd: bool) -> Result<Self> {
        if zstd { self.zstd() } else { Ok(self) }
    }

    /// The name to use in messages.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(file) => file.path(),
            Self::Stream { name, .. } | Self::Zstd { name, .. } => name,
        }
    }

    /// Writes all of `bytes`, with the error of this crate.
    ///
    /// # Errors
    /// [`Error::Write`]; a closed pipe has `source.kind()` `BrokenPipe`.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|source| Error::write(self.path())(source))
    }

    /// Ends the output: a file takes its place, a stream is flushed.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn commit(self) -> Result<()> {
        match self {
            Self::File(file) => file.commit(),
            Self::Stream { name, mut stream } => stream.flush().map_err(Error::write(name)),
            Self::Zstd { name, packer } => packer.finish().map_err(Error::write(name))?.commit(),
        }
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        interrupt::check_write()?;
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stream { stream, .. } => stream.write(bytes),
            Self::Zstd { packer, .. } => packer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stream { stream, .. } => stream.flush(),
            Self::Zstd { packer, .. } => packer.flush(),
        }
    }
}

impl fmt::Debug for Sink<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Sink").field(&self.path()).finish()
    }
}
