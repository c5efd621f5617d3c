//! Opens files and standard input, and unpacks gzip and zstd, which are recognised by their first bytes.

use super::utf16::Decoded;
use super::{arrays, foreign};
use crate::error::{Error, Result};
use crate::files::{File, metadata};
use encoding_rs::Encoding;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An input, unpacked and without its byte order mark.
pub(in crate::input) struct Opened {
    pub(in crate::input) reader: Box<dyn Read + Send>,
    /// How many bytes of the file were read so far, packed if it is.
    pub(in crate::input) bytes: Arc<AtomicU64>,
    /// What the file is, in words, if it is no text.
    pub(in crate::input) words: Option<String>,
}

/// First bytes of packed files.
const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// First bytes of tables with columns.
const PARQUET: &[u8] = b"PAR1";
const ARROW: &[u8] = b"ARROW1";
const ARROW_STREAM: &[u8] = b"\xff\xff\xff\xff";

/// Tables of columns, which are read from files on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) enum Columnar {
    Parquet,
    Arrow,
}

/// Whether the path stands for standard input.
pub(in crate::input) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The kind of table that a file is, by its first bytes. Nothing is read from pipes: such files are read from their
/// end.
pub(in crate::input) fn columnar(path: &Path) -> Result<Option<Columnar>> {
    if is_stdin(path) || !metadata(path).map_err(Error::read(path))?.is_file() {
        return Ok(None);
    }
    let start = start_of(path)?;
    Ok(if start.starts_with(PARQUET) {
        Some(Columnar::Parquet)
    } else {
        (start.starts_with(ARROW) || start.starts_with(ARROW_STREAM)).then_some(Columnar::Arrow)
    })
}

/// Whether a file is packed, by its first bytes.
pub(in crate::input) fn is_packed(path: &Path) -> Result<bool> {
    let start = start_of(path)?;
    Ok(start.starts_with(GZIP) || start.starts_with(ZSTD))
}

/// Whether a file is one of arrays, by its first bytes.
pub(in crate::input) fn is_array(path: &Path) -> Result<bool> {
    let start = start_of(path)?;
    Ok(start.starts_with(arrays::ARRAY) || start.starts_with(arrays::ARCHIVE))
}

fn start_of(path: &Path) -> Result<Vec<u8>> {
    let (start, _) = File::open(path).and_then(|file| peek(file, 6)).map_err(Error::read(path))?;
    Ok(start)
}

/// Opens one input.
pub(in crate::input) fn open(path: &Path) -> Result<Opened> {
    let bytes = Arc::new(AtomicU64::new(0));
    let inner: Box<dyn Read + Send> = if is_stdin(path) {
        Box::new(io::stdin())
    } else if metadata(path).map_err(Error::read(path))?.is_dir() {
        return Err(Error::Input(format!("{}: a directory, expected a file", path.display())));
    } else {
        Box::new(File::open(path).map_err(Error::read(path))?)
    };
    let failed = Error::read(path);
    let counting = BufReader::with_capacity(1 << 18, Counting { inner, bytes: Arc::clone(&bytes) });
    let (magic, packed) = peek(counting, 4).map_err(Error::read(path))?;
    let reader: Box<dyn Read + Send> = if magic.starts_with(GZIP) {
        Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 18, packed)))
    } else if magic.starts_with(ZSTD) {
        Box::new(zstd::stream::read::Decoder::new(packed).map_err(Error::read(path))?)
    } else {
        Box::new(packed)
    };
    let (start, mut reader) = peek(reader, foreign::SEEN).map_err(failed)?;
    if start.starts_with(arrays::ARRAY) || start.starts_with(arrays::ARCHIVE) {
        let mut whole = Vec::new();
        reader.read_to_end(&mut whole).map_err(Error::read(path))?;
        let table = if start.starts_with(arrays::ARRAY) {
            Some(arrays::of_array(path, &whole)?)
        } else {
            arrays::of_archive(path, whole)?
        };
        if let Some(arrays::Table { reader, words }) = table {
            return Ok(Opened { reader, bytes, words: Some(words) });
        }
    }
    if start.starts_with(b"\xef\xbb\xbf") {
        reader.read_exact(&mut [0; 3]).map_err(Error::read(path))?;
    } else if let Some((encoding, _)) = Encoding::for_bom(&start) {
        let reader = Box::new(Decoded::new(reader, encoding));
        return Ok(Opened { reader, bytes, words: None });
    } else if let Some(what) = foreign::what(&start) {
        return Err(Error::Input(format!("{}: {what}, expected a table of ratings", path.display())));
    }
    Ok(Opened { reader: Box::new(reader), bytes, words: None })
}

/// The first up to `size` bytes, and a reader that still has them.
fn peek<Inner: Read>(mut reader: Inner, size: usize) -> io::Result<(Vec<u8>, impl Read + use<Inner>)> {
    let mut start = Vec::with_capacity(size);
    reader.by_ref().take(size as u64).read_to_end(&mut start)?;
    Ok((start.clone(), Cursor::new(start).chain(reader)))
}

/// Counts the bytes that are read.
struct Counting<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
