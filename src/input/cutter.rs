//! The thread that opens the files one after the other, unpacks them, and cuts them into pieces.

use super::format::Groups;
use super::open;
use super::options::{Format, ReadOptions, Wanted};
use super::pieces::{Body, Carried, Piece, Source, Text};
use super::sniff;
use crate::error::{Error, Result};
use crate::memory::need_threads;
use crate::ratings::Feedback;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// The layout of a file is detected from its first bytes, this many.
const SAMPLE: usize = 1 << 16;

/// The stack of the thread, which is Rust's default.
const STACK: usize = 2 << 20;

/// A message of the thread.
pub(super) enum Message {
    /// The next file, with its layout in words, and what its values stand for unless it is empty.
    File(PathBuf, String, Option<Feedback>),
    Piece(Piece),
    /// All was read: the number of bytes.
    End(u64),
}

/// The state of the thread.
pub(super) struct Cutter {
    options: ReadOptions,
    wanted: Wanted,
    piece_size: usize,
    /// Bytes of the files before the current one.
    before: u64,
    /// The first file that is not empty, and what its values stand for.
    first: Option<(PathBuf, Feedback)>,
    sender: SyncSender<Result<Message>>,
}

impl Cutter {
    /// Starts the thread. It ends when everything is sent, after an error, or when the receiver is dropped.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if the system refuses a thread.
    pub(super) fn start(
        paths: Vec<PathBuf>,
        options: ReadOptions,
        wanted: Wanted,
        piece_size: usize,
    ) -> Result<Receiver<Result<Message>>> {
        let (sender, receiver) = sync_channel(rayon::current_num_threads());
        let cutter = Self { options, wanted, piece_size, before: 0, first: None, sender };
        need_threads(1, STACK)?;
        let thread = std::thread::Builder::new().name("cutter".into()).stack_size(STACK);
        thread.spawn(move || cutter.run(&paths)).map_err(|error| {
            Error::TooLarge(format!("the thread that reads files: {error}; more memory or processes help"))
        })?;
        Ok(receiver)
    }

    fn run(mut self, paths: &[PathBuf]) {
        for (index, path) in paths.iter().enumerate() {
            match self.send_file(index, path) {
                Ok(Some(bytes)) => self.before += bytes,
                Ok(None) => return,
                Err(error) => return drop(self.sender.send(Err(error))),
            }
        }
        self.send(Message::End(self.before));
    }

    /// Sends a message; `None` if the receiver was dropped.
    fn send(&self, message: Message) -> Option<()> {
        self.sender.send(Ok(message)).ok()
    }

    /// Sends a file and its pieces. Returns its size in bytes, or `None` if the receiver was dropped.
    fn send_file(&mut self, index: usize, path: &Path) -> Result<Option<u64>> {
        let may_be_parquet = matches!(self.options.format, Format::Auto | Format::Parquet);
        if may_be_parquet && open::is_parquet(path)? {
            let groups = Groups::open(path, &self.options, self.wanted)?;
            self.agree(path, groups.feedback())?;
            return Ok(self.send_groups(index, path, &groups));
        }
        self.send_text(index, path)
    }

    /// Refuses a file whose values stand for something else than those of the files before it.
    fn agree(&mut self, path: &Path, found: Feedback) -> Result<()> {
        let (first, expected) = self.first.get_or_insert_with(|| (path.to_owned(), found));
        if *expected == found || !self.wanted.ratings {
            return Ok(());
        }
        Err(Error::Input(format!(
            "{}: found {}, expected {}, which {} has; `input.rating_column` or `input.weight_column` says what the \
             files have",
            path.display(),
            found.words(),
            expected.words(),
            first.display()
        )))
    }

    /// As [`send_file`](Self::send_file), for a text file.
    fn send_text(&mut self, index: usize, path: &Path) -> Result<Option<u64>> {
        let opened = open::open(path)?;
        let read = || opened.bytes.load(Ordering::Relaxed);
        let mut text = Text::new(path, opened.reader);
        if text.sample(SAMPLE)?.is_empty() {
            return Ok(self.send(Message::File(path.to_owned(), String::new(), None)).map(|()| read()));
        }
        let place = format!("{}:{}", path.display(), text.line());
        let (layout, header) = sniff::layout(text.sample(SAMPLE)?, &self.options, self.wanted, &place)?;
        let (dialect, feedback) = (layout.dialect, layout.columns.feedback);
        self.agree(path, feedback)?;
        if header {
            text.skip_record(dialect);
        }
        let words = format!("{}{}", dialect.describe(), if header { ", header" } else { "" });
        if self.send(Message::File(path.to_owned(), words, Some(feedback))).is_none() {
            return Ok(None);
        }
        let source = Arc::new(Source { index, path: path.to_owned(), feedback });
        let mut carried = Carried::default();
        while let Some((records, line)) = text.cut(self.piece_size, dialect)? {
            let item = carried.over(&records, dialect);
            let body = Body::Text { text: records, layout, lines: text.line() - line, item };
            let piece = Piece { source: Arc::clone(&source), body, line, read: self.before + read() };
            if self.send(Message::Piece(piece)).is_none() {
                return Ok(None);
            }
        }
        Ok(Some(read()))
    }

    /// As [`send_file`](Self::send_file), for a parquet file.
    fn send_groups(&self, index: usize, path: &Path, groups: &Groups) -> Option<u64> {
        let (layout, feedback) = (Format::Parquet.name().to_owned(), groups.feedback());
        self.send(Message::File(path.to_owned(), layout, Some(feedback)))?;
        let source = Arc::new(Source { index, path: path.to_owned(), feedback });
        for (group, line, read) in groups.iter() {
            let (source, body) = (Arc::clone(&source), Body::Group(group));
            self.send(Message::Piece(Piece { source, body, line, read: self.before + read }))?;
        }
        Some(groups.bytes())
    }
}
