//! Opens files and standard input, and unpacks gzip and zstd, which are recognised by their first bytes.

use crate::error::{Error, Result};
use crate::files::{File, metadata};
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An input, unpacked and without its byte order mark.
pub(super) struct Opened {
    pub(super) reader: Box<dyn Read + Send>,
    /// How many bytes of the file were read so far, packed if it is.
    pub(super) bytes: Arc<AtomicU64>,
}

/// First bytes of packed files.
const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// First bytes of files that are not ratings as text, and advice for each.
const FOREIGN: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "a zip archive, expected text (unpack it first, or use .gz or .zst)"),
    (b"BZh", "packed with bzip2, expected text, .gz or .zst (unpack it first)"),
    (b"\xfd7zXZ\0", "packed with xz, expected text, .gz or .zst (unpack it first)"),
    (b"\x1f\x9d", "packed with compress, expected text, .gz or .zst (unpack it first)"),
    (
        b"PAR1",
        "a parquet file, expected text (a file on disk is read with `input.format = auto` or `parquet`)",
    ),
];

/// Whether the path stands for standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether a file is parquet, by its first bytes. Nothing is read from pipes: a parquet file is read from its
/// end.
pub(super) fn is_parquet(path: &Path) -> Result<bool> {
    if is_stdin(path) || !metadata(path).map_err(Error::read(path))?.is_file() {
        return Ok(false);
    }
    let (start, _) = File::open(path).and_then(peek::<4>).map_err(Error::read(path))?;
    Ok(start == b"PAR1")
}

/// Whether a file is packed, by its first bytes.
pub(super) fn is_packed(path: &Path) -> Result<bool> {
    let (start, _) = File::open(path).and_then(peek::<4>).map_err(Error::read(path))?;
    Ok(start.starts_with(GZIP) || start.starts_with(ZSTD))
}

/// Opens one input.
pub(super) fn open(path: &Path) -> Result<Opened> {
    let bytes = Arc::new(AtomicU64::new(0));
    let inner: Box<dyn Read + Send> = if is_stdin(path) {
        Box::new(io::stdin())
    } else if metadata(path).map_err(Error::read(path))?.is_dir() {
        return Err(Error::Input(format!("{}: a directory, expected a file", path.display())));
    } else {
        Box::new(File::open(path).map_err(Error::read(path))?)
    };
    let counting = Counting { inner, bytes: Arc::clone(&bytes) };
    let (magic, packed) =
        peek::<6>(BufReader::with_capacity(1 << 18, counting)).map_err(Error::read(path))?;
    if let Some((_, what)) = FOREIGN.iter().find(|(start, _)| magic.starts_with(start)) {
        return Err(Error::Input(format!("{}: {what}", path.display())));
    }
    let reader: Box<dyn Read + Send> = if magic.starts_with(GZIP) {
        Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 18, packed)))
    } else if magic.starts_with(ZSTD) {
        Box::new(zstd::stream::read::Decoder::new(packed).map_err(Error::read(path))?)
    } else {
        Box::new(packed)
    };
    let (mark, mut reader) = peek::<3>(reader).map_err(Error::read(path))?;
    if mark == b"\xef\xbb\xbf" {
        reader.read_exact(&mut [0; 3]).map_err(Error::read(path))?;
    } else if mark.starts_with(b"\xff\xfe") || mark.starts_with(b"\xfe\xff") {
        let message =
            "UTF-16 text, expected UTF-8 or Latin-1 (convert it, as with `iconv -f UTF-16 -t UTF-8`)";
        return Err(Error::Input(format!("{}:1: {message}", path.display())));
    }
    Ok(Opened { reader: Box::new(reader), bytes })
}

/// The first up to `N` bytes, and a reader that still has them.
fn peek<const N: usize>(mut reader: impl Read) -> io::Result<(Vec<u8>, impl Read)> {
    let mut start = Vec::with_capacity(N);
    reader.by_ref().take(N as u64).read_to_end(&mut start)?;
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
