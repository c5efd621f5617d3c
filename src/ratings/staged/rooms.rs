//! Pieces in a file, of which one is worked on while the next one is read.

use super::shelf::Shelf;
use super::{Cells, Codes};
use crate::{Error, Result};
use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// A file that is written and read at any position.
pub trait Place: fmt::Debug + Send + Sync {
    /// Writes all bytes at a position.
    ///
    /// # Errors
    /// Those of the disk.
    fn write_at(&self, bytes: &[u8], at: u64) -> Result<()>;

    /// Reads all bytes from a position on.
    ///
    /// # Errors
    /// Those of the disk.
    fn read_at(&self, bytes: &mut [u8], at: u64) -> Result<()>;
}

/// Where the ratings of a piece are in the file: words; or the other rows, and behind them the values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) at: u64,
    pub(super) ratings: usize,
}

/// The memory of a piece.
#[derive(Debug, Default)]
struct Room {
    others: Vec<u32>,
    values: Vec<f32>,
}

/// Reads pieces ahead, in the order of an epoch. Memory is used again.
pub(super) struct Rooms {
    codes: Option<Arc<Codes>>,
    state: Mutex<State>,
}

struct State {
    /// The number of pieces.
    pieces: usize,
    /// What the reading thread is asked for.
    wanted: Sender<(usize, Room)>,
    read: Receiver<Result<Room>>,
    /// The piece that was asked for last.
    ahead: Option<usize>,
    /// Memory that nobody uses.
    spare: Vec<Room>,
}

impl Rooms {
    pub(super) fn new(place: Arc<dyn Place>, parts: Vec<Part>, codes: Option<Arc<Codes>>) -> Result<Self> {
        let (wanted, asked) = channel::<(usize, Room)>();
        let (done, read) = channel();
        let (pieces, packed) = (parts.len(), codes.is_some());
        let work = move || {
            // It ends with the rooms, which ask no more.
            for (piece, room) in asked {
                if done.send(fill(&*place, parts[piece], packed, room)).is_err() {
                    return;
                }
            }
        };
        let refused = |error| Error::TooLarge(format!("a thread that reads ratings: {error}"));
        std::thread::Builder::new().name("pieces".into()).spawn(work).map_err(refused)?;
        let state = State { pieces, wanted, read, ahead: None, spare: Vec::new() };
        Ok(Self { codes, state: Mutex::new(state) })
    }
}

/// Reads a piece into a room.
fn fill(place: &dyn Place, part: Part, packed: bool, mut room: Room) -> Result<Room> {
    let Part { at, ratings } = part;
    room.others.resize(ratings, 0);
    place.read_at(bytemuck::cast_slice_mut(&mut room.others), at)?;
    if !packed {
        room.values.resize(ratings, 0.0);
        place.read_at(bytemuck::cast_slice_mut(&mut room.values), at + 4 * ratings as u64)?;
    }
    Ok(room)
}

impl State {
    fn ask(&mut self, piece: usize) -> Result<()> {
        let room = self.spare.pop().unwrap_or_default();
        self.ahead = Some(piece);
        self.wanted.send((piece, room)).map_err(|_| gone())
    }

    /// The piece that was asked for.
    fn answer(&mut self) -> Result<Room> {
        self.ahead = None;
        self.read.recv().map_err(|_| gone())?
    }
}

fn gone() -> Error {
    Error::Bug("the thread that reads ratings stopped".into())
}

impl Shelf for Rooms {
    fn take(&self, piece: usize) -> Result<Cells> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.ahead.is_some_and(|ahead| ahead != piece) {
            let other = state.answer()?;
            state.spare.push(other);
        }
        if state.ahead.is_none() {
            state.ask(piece)?;
        }
        let Room { others, values } = state.answer()?;
        let next = (piece + 1) % state.pieces;
        state.ask(next)?;
        Ok(match &self.codes {
            Some(codes) => Cells::Words(others.into(), Arc::clone(codes)),
            None => Cells::Pairs(others.into(), values.into()),
        })
    }

    fn give_back(&self, cells: Cells) {
        let (others, values) = match cells {
            Cells::Words(words, _) => (words.into_all(), None),
            Cells::Pairs(others, values) => (others.into_all(), values.into_all()),
        };
        let room = Room { others: others.unwrap_or_default(), values: values.unwrap_or_default() };
        self.state.lock().unwrap_or_else(PoisonError::into_inner).spare.push(room);
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rooms").finish_non_exhaustive()
    }
}
