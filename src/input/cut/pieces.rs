//! Cuts the text of a file into pieces at the ends of records.

use crate::error::{Error, Result};
use crate::input::format::{Batch, Group, last_item, last_record_end, quotes};
use crate::input::layout::{Dialect, Layout};
use crate::input::value::Reading;
use memchr::memchr_iter;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No record is longer; a longer one has lost its line ends or the end of a quote.
const LONGEST_RECORD: usize = 16 << 20;

/// A file.
#[derive(Debug)]
pub(in crate::input) struct Source {
    /// Its number among the files.
    pub(in crate::input) index: usize,
    pub(in crate::input) path: PathBuf,
    /// How its fields are read.
    pub(in crate::input) reading: Arc<Reading>,
}

/// Rows of one file that are read together.
#[derive(Debug)]
pub(in crate::input) struct Piece {
    pub(in crate::input) source: Arc<Source>,
    pub(in crate::input) body: Body,
    /// The line it starts at, from 1; the row in a parquet file.
    pub(in crate::input) line: u64,
    /// How many bytes of all files were read when it was cut.
    pub(in crate::input) read: u64,
}

/// The rows of a piece, still to be parsed.
#[derive(Debug)]
pub(in crate::input) enum Body {
    /// Whole records.
    Text {
        text: Vec<u8>,
        layout: Layout,
        /// How many lines there are.
        lines: u64,
        /// The item of the first rows in the Netflix layout.
        item: Option<Vec<u8>>,
    },
    /// A row group of a parquet file.
    Group(Group),
    /// A record batch of an Arrow file.
    Batch(Batch),
}

/// The text of a file that is still to be cut.
pub(in crate::input) struct Text {
    path: PathBuf,
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    ended: bool,
    line: u64,
    /// Whether a carriage return alone ends lines, as on old Macs.
    returns: Option<bool>,
}

impl Text {
    pub(in crate::input) fn new(path: &Path, reader: Box<dyn Read + Send>) -> Self {
        Self { path: path.to_owned(), reader, buffer: Vec::new(), ended: false, line: 1, returns: None }
    }

    /// The line of the next byte.
    pub(in crate::input) fn line(&self) -> u64 {
        self.line
    }

    /// Whether a carriage return alone ends lines.
    pub(in crate::input) fn ends_in_returns(&self) -> bool {
        self.returns == Some(true)
    }

    /// The next `size` bytes up to their last line end, or all that is left; starts with a line that is not
    /// blank.
    pub(in crate::input) fn sample(&mut self, size: usize) -> Result<&[u8]> {
        loop {
            self.fill(size)?;
            let blank = self.buffer.iter().take_while(|byte| b"\r\n".contains(byte)).count();
            self.take(blank);
            if blank == 0 || self.ended {
                break;
            }
        }
        let whole = if self.ended { None } else { memchr::memrchr(b'\n', &self.buffer).map(|end| end + 1) };
        Ok(&self.buffer[..whole.unwrap_or(self.buffer.len())])
    }

    /// Skips so many bytes of a sample.
    pub(in crate::input) fn skip(&mut self, bytes: usize) {
        self.take(bytes.min(self.buffer.len()));
    }

    /// About `size` bytes of whole records and the line they start at; `None` at the end.
    pub(in crate::input) fn cut(&mut self, size: usize, dialect: Dialect) -> Result<Option<(Vec<u8>, u64)>> {
        let mut wanted = size.max(1);
        loop {
            self.fill(wanted)?;
            if self.ended {
                if dialect.quoting().is_some_and(|quoting| quotes::is_open(&self.buffer, quoting)) {
                    return Err(self.endless(dialect));
                }
                let line = self.line;
                let text = self.take(self.buffer.len());
                return Ok((!text.is_empty()).then_some((text, line)));
            }
            if let Some(end) = last_record_end(&self.buffer, dialect) {
                let line = self.line;
                return Ok(Some((self.take(end), line)));
            }
            if self.buffer.len() >= LONGEST_RECORD.max(size) {
                return Err(self.endless(dialect));
            }
            wanted = self.buffer.len() * 2;
        }
    }

    /// Reads until the buffer has `size` bytes, or the file ends.
    fn fill(&mut self, size: usize) -> Result<()> {
        let before = self.buffer.len();
        let missing = size.saturating_sub(before);
        if missing > 0 && !self.ended {
            self.buffer.reserve_exact(missing);
            let mut part = self.reader.by_ref().take(missing as u64);
            let count = part.read_to_end(&mut self.buffer).map_err(Error::read(&self.path))?;
            self.ended = count < missing;
        }
        let fresh = &mut self.buffer[before..];
        let alone = || memchr::memchr(b'\n', fresh).is_none() && memchr::memchr(b'\r', fresh).is_some();
        if *self.returns.get_or_insert_with(alone) {
            fresh.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        Ok(())
    }

    /// Splits off the first `count` bytes.
    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.buffer[count..].to_vec();
        self.buffer.truncate(count);
        let text = std::mem::replace(&mut self.buffer, rest);
        self.line += memchr_iter(b'\n', &text).count() as u64;
        text
    }

    /// The error for a record that never ends.
    fn endless(&self, dialect: Dialect) -> Error {
        let whole = last_record_end(&self.buffer, dialect).unwrap_or(0);
        let line = self.line + memchr_iter(b'\n', &self.buffer[..whole]).count() as u64;
        let what = match dialect.quoting() {
            Some(quoting) if quotes::is_open(&self.buffer, quoting) => {
                "found a quote that is never closed, expected `\"` at the end of the field"
            }
            _ => "found a line of more than 16 MiB, expected rows of text",
        };
        Error::Input(format!("{}:{line}: {what}", self.path.display()))
    }
}

/// Gives each piece of a file in the Netflix layout the item that its first rows belong to.
#[derive(Debug, Default)]
pub(in crate::input) struct Carried(Option<Vec<u8>>);

impl Carried {
    /// Returns the item of the first rows of `text`, and keeps that of its last rows.
    pub(in crate::input) fn over(&mut self, text: &[u8], dialect: Dialect) -> Option<Vec<u8>> {
        if dialect != Dialect::Netflix {
            return None;
        }
        match last_item(text) {
            Some(item) => self.0.replace(item.to_vec()),
            None => self.0.clone(),
        }
    }
}
