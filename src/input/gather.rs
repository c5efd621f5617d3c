//! Reads files as a stream of pieces: a thread unpacks and cuts, all threads parse, and the dictionaries of the
//! pieces are merged in file order, so that the result does not depend on the number of threads.

use super::directory;
use super::format::{Groups, Layout, parse};
use super::open;
use super::options::{BadRows, FileReport, Format, ReadOptions, ReadReport};
use super::pieces::{Carried, Piece, Source, Text};
use super::rows::{Rows, Wanted};
use super::sniff;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::ratings::{Dataset, IdMap};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// The layout of a file is found in this much of it.
const SAMPLE: usize = 1 << 16;

/// What the cutting thread sends.
enum Message {
    /// The next file, with its layout in words.
    File(PathBuf, String),
    Piece(Piece),
    /// All was read: the number of bytes.
    End(u64),
}

/// All rows of all files, before duplicates are looked for.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) dataset: Dataset,
    pub(super) report: ReadReport,
    /// File and line of a rating wherever they do not follow those of the rating before.
    anchors: Vec<(usize, usize, u64)>,
}

/// The size of pieces: large enough to share few ids between dictionaries, small enough for many in flight.
pub(super) fn piece_size() -> usize {
    ((64 << 20) / rayon::current_num_threads()).clamp(1 << 20, 4 << 20)
}

/// Reads the files.
pub(super) fn gather(
    paths: &[PathBuf],
    options: &ReadOptions,
    wanted: Wanted,
    piece_size: usize,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Gathered> {
    let paths = directory::files(paths)?;
    let threads = rayon::current_num_threads();
    let messages = start(paths, options.clone(), wanted, piece_size);
    let mut gathered = Gathered::default();
    let mut parsed: Vec<(Piece, Rows)> = Vec::new();
    let mut end = None;
    while end.is_none() || !parsed.is_empty() {
        let mut batch = Vec::with_capacity(threads);
        while end.is_none() && batch.len() < threads {
            match receive(&messages) {
                Ok(Message::Piece(piece)) => batch.push(piece),
                Ok(Message::File(path, layout)) => {
                    gathered.report.files.push(FileReport { path, layout, rows: 0 });
                }
                Ok(Message::End(bytes)) => end = Some(Ok(bytes)),
                Err(error) => end = Some(Err(error)),
            }
        }
        let read = batch.last().or(parsed.last().map(|(piece, _)| piece)).map_or(0, |piece| piece.read);
        let (next, merged) = rayon::join(
            || batch.into_par_iter().map(|piece| read_piece(piece, wanted)).collect(),
            || gathered.merge(std::mem::take(&mut parsed), wanted),
        );
        merged?;
        parsed = next;
        progress(read, gathered.report.rows);
        interrupt::check()?;
    }
    gathered.report.bytes = end.unwrap_or(Ok(0))?;
    progress(gathered.report.bytes, gathered.report.rows);
    if gathered.dataset.times.len() < gathered.dataset.ratings.len() {
        // Times of some files say nothing about the order of all.
        gathered.dataset.times = Vec::new();
    }
    gathered.dataset.users.shrink_to_fit();
    gathered.dataset.items.shrink_to_fit();
    Ok(gathered)
}

/// The next message. Whoever writes to standard input may take his time, and meanwhile it may be wished to stop.
fn receive(messages: &Receiver<Result<Message>>) -> Result<Message> {
    loop {
        match messages.recv_timeout(Duration::from_millis(100)) {
            Ok(message) => return message,
            Err(RecvTimeoutError::Timeout) => interrupt::check()?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::Bug("the reading thread stopped".into()));
            }
        }
    }
}

/// Parses a piece and lets go of its text.
fn read_piece(mut piece: Piece, wanted: Wanted) -> (Piece, Rows) {
    let mut rows = Rows::new(wanted);
    parse(&piece, &mut rows);
    piece.text = Vec::new();
    (piece, rows)
}

impl Gathered {
    /// Adds the rows of pieces, in order.
    fn merge(&mut self, mut parsed: Vec<(Piece, Rows)>, wanted: Wanted) -> Result<()> {
        let Dataset { ratings, users, items, times } = &mut self.dataset;
        let (user_numbers, item_numbers) = rayon::join(
            || parsed.iter().map(|(_, rows)| renumber(users, &rows.users)).collect::<Vec<_>>(),
            || parsed.iter().map(|(_, rows)| renumber(items, &rows.items)).collect::<Vec<_>>(),
        );
        for (((piece, rows), user), item) in parsed.iter_mut().zip(user_numbers).zip(item_numbers) {
            if let Some((line, why)) = &rows.first_bad {
                let message = format!("{}:{line}: {why}", piece.source.path.display());
                if wanted.bad_rows == BadRows::Error {
                    return Err(Error::Input(message));
                }
                self.report.first_skipped.get_or_insert(message);
            }
            if let Some(fault) = rows.fault.take() {
                return Err(fault);
            }
            let before = ratings.len();
            self.anchors.extend(
                rows.anchors.iter().map(|&(row, line)| (before + row as usize, piece.source.index, line)),
            );
            ratings.users.extend(rows.ratings.users.iter().map(|&number| user[number as usize]));
            ratings.items.extend(rows.ratings.items.iter().map(|&number| item[number as usize]));
            ratings.values.extend_from_slice(&rows.ratings.values);
            times.extend_from_slice(&rows.times);
            self.report.skipped += rows.skipped;
            self.report.rows += rows.ratings.len() as u64;
            self.report.files[piece.source.index].rows += rows.ratings.len() as u64;
        }
        Ok(())
    }

    /// `file:line` of a rating, if lines were asked for.
    pub(super) fn place(&self, row: usize) -> String {
        let after = self.anchors.partition_point(|anchor| anchor.0 <= row);
        match after.checked_sub(1).map(|at| self.anchors[at]) {
            Some((first, file, line)) => {
                format!("{}:{}", self.report.files[file].path.display(), line + (row - first) as u64)
            }
            None => format!("rating {}", row + 1),
        }
    }
}

/// The numbers in `all` of the ids of a piece.
fn renumber(all: &mut IdMap, piece: &IdMap) -> Vec<u32> {
    piece.iter().map(|id| all.number(id)).collect()
}

/// Starts the thread that opens, unpacks and cuts. It ends when the receiver is dropped.
fn start(
    paths: Vec<PathBuf>,
    options: ReadOptions,
    wanted: Wanted,
    piece_size: usize,
) -> Receiver<Result<Message>> {
    let (sender, receiver) = sync_channel(rayon::current_num_threads().min(8));
    std::thread::spawn(move || {
        let mut before = 0;
        for (index, path) in paths.iter().enumerate() {
            match send_file(index, path, &options, wanted, piece_size, before, &sender) {
                Ok(Some(bytes)) => before += bytes,
                Ok(None) => return,
                Err(error) => return drop(sender.send(Err(error))),
            }
        }
        drop(sender.send(Ok(Message::End(before))));
    });
    receiver
}

/// Sends the pieces of a file; its number of bytes, or `None` if nobody listens any more.
fn send_file(
    index: usize,
    path: &Path,
    options: &ReadOptions,
    wanted: Wanted,
    piece_size: usize,
    before: u64,
    sender: &SyncSender<Result<Message>>,
) -> Result<Option<u64>> {
    if matches!(options.format, Format::Auto | Format::Parquet) && open::is_parquet(path)? {
        return Ok(send_groups(index, path, &Groups::open(path, options, wanted)?, before, sender));
    }
    let opened = open::open(path)?;
    let read = || opened.bytes.load(Ordering::Relaxed);
    let mut text = Text::new(path, opened.reader);
    if text.sample(SAMPLE)?.is_empty() {
        let sent = sender.send(Ok(Message::File(path.to_owned(), String::new())));
        return Ok(sent.is_ok().then(read));
    }
    let place = format!("{}:{}", path.display(), text.line());
    let (layout, header) = sniff::layout(text.sample(SAMPLE)?, options, wanted, &place)?;
    let Layout { dialect, .. } = layout;
    if header {
        text.skip_record(dialect);
    }
    let words = format!("{}{}", dialect.describe(), if header { ", header" } else { "" });
    if sender.send(Ok(Message::File(path.to_owned(), words))).is_err() {
        return Ok(None);
    }
    let source = Arc::new(Source { index, path: path.to_owned(), layout });
    let mut carried = Carried::default();
    while let Some((text, line)) = text.cut(piece_size, dialect)? {
        let item = carried.over(&text, dialect);
        let read = before + read();
        let piece = Piece { source: Arc::clone(&source), text, group: None, line, item, read };
        if sender.send(Ok(Message::Piece(piece))).is_err() {
            return Ok(None);
        }
    }
    Ok(Some(read()))
}

/// As [`send_file`], of a parquet file.
fn send_groups(
    index: usize,
    path: &Path,
    groups: &Groups,
    before: u64,
    sender: &SyncSender<Result<Message>>,
) -> Option<u64> {
    let layout = groups.layout();
    if sender.send(Ok(Message::File(path.to_owned(), layout.dialect.describe()))).is_err() {
        return None;
    }
    let source = Arc::new(Source { index, path: path.to_owned(), layout });
    for (group, line, read) in groups.iter() {
        let (text, group) = (Vec::new(), Some(group));
        let piece = Piece { source: Arc::clone(&source), text, group, line, item: None, read: before + read };
        if sender.send(Ok(Message::Piece(piece))).is_err() {
            return None;
        }
    }
    Some(groups.bytes())
}
