//! Reads files as a stream of pieces: the cutter sends them, all threads parse them, and meanwhile the ids
//! that are new with each piece are merged in file order, so that the result does not depend on the number of
//! threads.

use super::cut::cutter::{Cutter, Inputs, Message};
use super::cut::pieces::{Body, Piece, Source};
use super::cut::size::{self, Watch};
use super::file::directory;
use super::format::parse;
use super::ids::dictionary::Dictionary;
use super::ids::known::{NewIds, Numbers, Shelf};
use super::options::{BadRows, ReadOptions, TimesWanted, Wanted};
use super::report::ReadReport;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::memory::reserve;
use crate::ratings::{Chunk, Dataset, Sides};
use crate::store::{OnDisk, Room, Spill};
use rayon::Yield;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// A parsed piece.
struct Parsed {
    source: Arc<Source>,
    /// How many bytes of all files were read when it was cut.
    read: u64,
    rows: Rows,
    found: NewIds,
    /// Why the rest of the piece could not be read at all.
    fault: Option<Error>,
}

/// All rows of all files, before duplicates are looked for.
#[derive(Default)]
pub(super) struct Gathered {
    /// Without ids until everything is gathered.
    pub(super) dataset: Dataset,
    pub(super) report: ReadReport,
    users: Dictionary,
    items: Dictionary,
    /// The numbers of the ids of each dictionary of pieces.
    numbers: Vec<Numbers>,
    /// Where the ratings are written if they do not stay in memory.
    spill: Option<Spill>,
    /// The ratings whose time is known.
    timed: usize,
    /// Row, file and line of each rating that does not follow the one before.
    anchors: Vec<(usize, usize, u64)>,
    watch: Watch,
    /// The first time that cannot be read where times are optional.
    pub(super) bad_time: Option<String>,
    /// How far a value is from the number of 32 bits that stands for it, at most.
    pub(super) rounded: f64,
}

/// Called now and then with the bytes and the ratings read so far; an error ends the reading.
pub type Progress<'a> = dyn FnMut(u64, u64) -> Result<()> + 'a;

/// The size of pieces in bytes: large enough that the work between them is small, small enough that many are
/// in flight.
pub(super) fn piece_size() -> usize {
    ((64 << 20) / rayon::current_num_threads()).clamp(1 << 20, 4 << 20)
}

/// Reads the files, or the table. With room on a disk the ratings are written there.
pub(super) fn gather(
    inputs: Inputs,
    (options, room): (&ReadOptions, Option<&Room>),
    wanted: Wanted,
    piece_size: usize,
    progress: &mut Progress,
) -> Result<Gathered> {
    options.check()?;
    let inputs = match inputs {
        Inputs::Files(paths) => {
            let paths = directory::files(&paths)?;
            if room.is_none() {
                size::check(&paths, options, wanted)?;
            }
            Inputs::Files(paths)
        }
        table @ Inputs::Table(_) => table,
    };
    let most = 2 * rayon::current_num_threads();
    let messages = Cutter::start(inputs, options.clone(), wanted, piece_size)?;
    let spill = |room: &Room| Spill::create(&room.directory, wanted.times != TimesWanted::No);
    let mut gathered = Gathered { spill: room.map(spill).transpose()?, ..Gathered::default() };
    let (mut end, mut read) = (None, 0);
    let (shelf, mut pieces) = (Shelf::default(), 0);
    rayon::in_place_scope_fifo(|scope| {
        // Pieces that are being parsed, in the order of the files.
        let mut parsed: VecDeque<Receiver<Parsed>> = VecDeque::new();
        loop {
            while end.is_none() && parsed.len() < most {
                let message = receive(&messages, &mut || progress(read, gathered.report.rows));
                match message {
                    Ok(Message::Piece(piece)) => {
                        let (sender, receiver) = sync_channel(1);
                        let (shelf, number) = (&shelf, pieces);
                        let parse = move || read_piece(piece, number, shelf, wanted);
                        pieces += 1;
                        scope.spawn_fifo(move |_| drop(sender.send(parse())));
                        parsed.push_back(receiver);
                    }
                    Ok(Message::File(report, feedback, doubts)) => {
                        gathered.report.files.push(report);
                        gathered.report.doubts.extend(doubts);
                        gathered.report.feedback = feedback.unwrap_or(gathered.report.feedback);
                    }
                    Ok(Message::End(bytes)) => end = Some(Ok(bytes)),
                    Err(error) => end = Some(Err(error)),
                }
            }
            let Some(next) = parsed.pop_front() else { return Ok(()) };
            let parsed = receive_parsed(&next)?;
            read = parsed.read;
            gathered.merge(parsed, wanted)?;
            progress(read, gathered.report.rows)?;
        }
    })?;
    drop((shelf, std::mem::take(&mut gathered.numbers)));
    gathered.report.bytes = end.unwrap_or(Ok(0))?;
    gathered.dataset.feedback = gathered.report.feedback;
    progress(gathered.report.bytes, gathered.report.rows)?;
    if !gathered.is_timed() {
        // The times of some ratings do not order all of them.
        gathered.dataset.times = Vec::new();
    }
    let [users, items] = [&mut gathered.users, &mut gathered.items].map(std::mem::take);
    let (users, items) = rayon::join(|| users.into_map(), || items.into_map());
    (gathered.dataset.users, gathered.dataset.items) = (users?, items?);
    Ok(gathered)
}

/// The next message. It may take long to come through standard input; meanwhile `wait` is called now and
/// then, and its error ends the waiting.
fn receive(messages: &Receiver<Result<Message>>, wait: &mut dyn FnMut() -> Result<()>) -> Result<Message> {
    loop {
        match messages.recv_timeout(Duration::from_millis(100)) {
            Ok(message) => return message,
            Err(RecvTimeoutError::Timeout) => wait()?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::Bug("the reading thread stopped".into()));
            }
        }
    }
}

/// The next parsed piece. If this runs on a thread of the pool, the thread parses other pieces meanwhile.
fn receive_parsed(parsed: &Receiver<Parsed>) -> Result<Parsed> {
    loop {
        match parsed.recv_timeout(Duration::ZERO) {
            Err(RecvTimeoutError::Timeout) => {}
            done => return done.map_err(|_| Error::Bug("a parsing thread stopped".into())),
        }
        match rayon::yield_now() {
            Some(Yield::Executed) => {}
            Some(Yield::Idle) => std::thread::sleep(Duration::from_micros(100)),
            None => return parsed.recv().map_err(|_| Error::Bug("a parsing thread stopped".into())),
        }
    }
}

/// Parses a piece and frees its text.
fn read_piece(piece: Piece, number: usize, shelf: &Shelf, wanted: Wanted) -> Parsed {
    let Piece { source, body, line, read } = piece;
    let capacity = if let Body::Text { lines, .. } = &body { *lines as usize } else { 0 };
    let mut rows = Rows::new(wanted, Arc::clone(&source.reading), shelf.take(number), capacity);
    let fault = match body {
        Body::Text { text, layout, item, .. } => {
            parse(&text, &layout, line, item.as_deref(), &mut rows);
            None
        }
        Body::Group(group) => group.parse(line, &mut rows).err(),
        Body::Batch(batch) => batch.parse(line, &mut rows).err(),
    };
    let found = shelf.give_back(rows.end());
    Parsed { source, read, rows, found, fault }
}

impl Gathered {
    /// Adds the rows of the next piece.
    fn merge(&mut self, parsed: Parsed, wanted: Wanted) -> Result<()> {
        let Parsed { source, rows, found, fault, .. } = parsed;
        if let Some((line, why)) = &rows.first_bad {
            let message = format!("{}:{line}: {why}", source.path.display());
            if wanted.bad_rows == BadRows::Error || rows.fatal {
                return Err(Error::Input(message));
            }
            self.report.first_skipped.get_or_insert(message);
        }
        if let Some(fault) = fault {
            return Err(fault);
        }
        if self.numbers.len() <= found.place {
            self.numbers.resize_with(found.place + 1, Numbers::default);
        }
        let numbers = &mut self.numbers[found.place];
        numbers.add(&found, &mut self.users, &mut self.items)?;
        let (before, count) = (self.report.rows as usize, rows.ratings.len() as u64);
        reserve(&mut self.anchors, rows.anchors.len())?;
        let anchors = rows.anchors.iter().map(|&(row, line)| (before + row as usize, source.index, line));
        self.anchors.extend(anchors);
        self.timed += rows.times.len();
        let of_user = |&number: &u32| numbers.users[number as usize];
        let of_item = |&number: &u32| numbers.items[number as usize];
        if let Some(spill) = &mut self.spill {
            let users: Vec<u32> = rows.ratings.users.iter().map(of_user).collect();
            let items: Vec<u32> = rows.ratings.items.iter().map(of_item).collect();
            let times = if rows.times.len() == users.len() { &rows.times[..] } else { &[] };
            spill.add(Chunk { users: &users, items: &items, values: &rows.ratings.values, times })?;
        } else {
            let Dataset { ratings, times, .. } = &mut self.dataset;
            reserve(&mut ratings.users, rows.ratings.len())?;
            reserve(&mut ratings.items, rows.ratings.len())?;
            reserve(&mut ratings.values, rows.ratings.len())?;
            reserve(times, rows.times.len())?;
            self.watch.over(before + rows.ratings.len())?;
            ratings.users.extend(rows.ratings.users.iter().map(of_user));
            ratings.items.extend(rows.ratings.items.iter().map(of_item));
            ratings.values.extend_from_slice(&rows.ratings.values);
            times.extend_from_slice(&rows.times);
        }
        if let (Some((line, why)), None) = (&rows.bad_time, &self.bad_time) {
            self.bad_time = Some(format!("{}:{line}: {why}", source.path.display()));
        }
        self.rounded = self.rounded.max(rows.rounded);
        self.report.skipped += rows.skipped;
        self.report.missing += rows.missing;
        self.report.rows += count;
        self.report.files[source.index].rows += count;
        Ok(())
    }

    /// Whether the times of all ratings are known.
    pub(super) fn is_timed(&self) -> bool {
        self.timed > 0 && self.timed as u64 == self.report.rows && self.bad_time.is_none()
    }

    /// The ratings that were written to a disk, if they were, and whether they have times.
    pub(super) fn spilled(&mut self) -> Result<Option<(OnDisk, bool)>> {
        let Dataset { users, items, .. } = &self.dataset;
        let size = Sides { users: users.len(), items: items.len() };
        let body = self.spill.take().map(|spill| spill.finish(size)).transpose()?;
        Ok(body.map(|body| (body, self.is_timed())))
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
