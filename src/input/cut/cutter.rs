//! The thread that opens the files one after the other, unpacks them, and cuts them into pieces.

use super::pieces::{Body, Carried, Piece, Source, Text};
use crate::error::{Error, Result};
use crate::input::file::open::{self, Columnar};
use crate::input::format::{Batches, Groups};
use crate::input::options::{Format, ReadOptions, Wanted};
use crate::input::report::FileReport;
use crate::input::sniff::{self, Beginning, Detected};
use crate::input::value::Reading;
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

/// What is read.
pub(in crate::input) enum Inputs {
    Files(Vec<PathBuf>),
    /// A table whose columns are found.
    #[cfg_attr(not(feature = "arrow"), expect(dead_code, reason = "tables in memory are those of Arrow"))]
    Table(Box<Batches>),
}

/// A message of the thread.
pub(in crate::input) enum Message {
    /// The next file, what its values stand for unless it is empty, and what makes its columns doubtful.
    File(FileReport, Option<Feedback>, Vec<String>),
    Piece(Piece),
    /// All was read: the number of bytes.
    End(u64),
}

/// The state of the thread.
pub(in crate::input) struct Cutter {
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
    pub(in crate::input) fn start(
        inputs: Inputs,
        options: ReadOptions,
        wanted: Wanted,
        piece_size: usize,
    ) -> Result<Receiver<Result<Message>>> {
        let (sender, receiver) = sync_channel(rayon::current_num_threads());
        let cutter = Self { options, wanted, piece_size, before: 0, first: None, sender };
        need_threads(1, STACK)?;
        let thread = std::thread::Builder::new().name("cutter".into()).stack_size(STACK);
        thread.spawn(move || cutter.run(inputs)).map_err(|error| {
            Error::TooLarge(format!("the thread that reads files: {error}; more memory or processes help"))
        })?;
        Ok(receiver)
    }

    fn run(mut self, inputs: Inputs) {
        let sent = match inputs {
            Inputs::Files(paths) => self.send_files(&paths),
            Inputs::Table(batches) => self.send_batches(0, *batches),
        };
        match sent {
            Ok(Some(bytes)) => drop(self.send(Message::End(bytes))),
            Ok(None) => {}
            Err(error) => drop(self.sender.send(Err(error))),
        }
    }

    /// Sends all files. Returns their size in bytes, or `None` if the receiver was dropped.
    fn send_files(&mut self, paths: &[PathBuf]) -> Result<Option<u64>> {
        for (index, path) in paths.iter().enumerate() {
            match self.send_file(index, path)? {
                Some(bytes) => self.before += bytes,
                None => return Ok(None),
            }
        }
        Ok(Some(self.before))
    }

    /// Sends a message; `None` if the receiver was dropped.
    fn send(&self, message: Message) -> Option<()> {
        self.sender.send(Ok(message)).ok()
    }

    /// Sends a file and its pieces. Returns its size in bytes, or `None` if the receiver was dropped.
    fn send_file(&mut self, index: usize, path: &Path) -> Result<Option<u64>> {
        match open::columnar(path)? {
            Some(Columnar::Parquet) if matches!(self.options.format, Format::Auto | Format::Parquet) => {
                let groups = Groups::open(path, &self.options, self.wanted)?;
                self.agree(path, groups.reading().feedback)?;
                Ok(self.send_groups(index, path, &groups))
            }
            Some(Columnar::Arrow) if matches!(self.options.format, Format::Auto | Format::Arrow) => {
                let batches = Batches::open(path, &self.options, self.wanted)?;
                self.agree(path, batches.reading().feedback)?;
                self.send_batches(index, batches)
            }
            _ => self.send_text(index, path),
        }
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
            let report = FileReport::of(path, String::new(), String::new());
            return Ok(self.send(Message::File(report, None, Vec::new())).map(|()| read()));
        }
        let line = text.line();
        let beginning = Beginning { sample: text.sample(SAMPLE)?, path, line };
        let Detected { layout, skip, mut words, told, doubts } =
            sniff::layout(beginning, &self.options, self.wanted)?;
        let feedback = layout.reading.feedback;
        self.agree(path, feedback)?;
        text.skip(skip);
        if let Some(what) = opened.words {
            words = what;
        }
        if text.ends_in_returns() {
            words += ", lines end in CR";
        }
        if self.send(Message::File(FileReport::of(path, words, told), Some(feedback), doubts)).is_none() {
            return Ok(None);
        }
        let source = source(index, path, &layout.reading);
        let dialect = layout.dialect;
        let mut carried = Carried::default();
        while let Some((records, line)) = text.cut(self.piece_size, dialect)? {
            let item = carried.over(&records, dialect);
            let body = Body::Text { text: records, layout: layout.clone(), lines: text.line() - line, item };
            let piece = Piece { source: Arc::clone(&source), body, line, read: self.before + read() };
            if self.send(Message::Piece(piece)).is_none() {
                return Ok(None);
            }
        }
        Ok(Some(read()))
    }

    /// As [`send_file`](Self::send_file), for a parquet file.
    fn send_groups(&self, index: usize, path: &Path, groups: &Groups) -> Option<u64> {
        let report = FileReport::of(path, Format::Parquet.name().to_owned(), groups.told().to_owned());
        self.send(Message::File(report, Some(groups.reading().feedback), Vec::new()))?;
        let source = source(index, path, groups.reading());
        for (group, line, read) in groups.iter() {
            let (source, body) = (Arc::clone(&source), Body::Group(group));
            self.send(Message::Piece(Piece { source, body, line, read: self.before + read }))?;
        }
        Some(groups.bytes())
    }

    /// As [`send_file`](Self::send_file), for an Arrow file or a table.
    fn send_batches(&self, index: usize, mut batches: Batches) -> Result<Option<u64>> {
        let path = batches.path().to_owned();
        let report = FileReport::of(&path, Format::Arrow.name().to_owned(), batches.told().to_owned());
        if self.send(Message::File(report, Some(batches.reading().feedback), Vec::new())).is_none() {
            return Ok(None);
        }
        let source = source(index, &path, batches.reading());
        while let Some((batch, line, read)) = batches.next()? {
            let (source, body) = (Arc::clone(&source), Body::Batch(batch));
            if self.send(Message::Piece(Piece { source, body, line, read: self.before + read })).is_none() {
                return Ok(None);
            }
        }
        Ok(Some(batches.bytes()))
    }
}

fn source(index: usize, path: &Path, reading: &Arc<Reading>) -> Arc<Source> {
    Arc::new(Source { index, path: path.to_owned(), reading: Arc::clone(reading) })
}
