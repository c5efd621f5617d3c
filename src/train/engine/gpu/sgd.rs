//! Stochastic gradient sweeps. Ratings stay on the device, each sweep bound once, or go through a ring of rooms where they
//! do not fit.

use super::copies::Copies;
use super::rating_pieces::{Cut, Piece, Room, bytes_of, most_batches};
use super::ring::Ring;
use super::side::{Factors, ROW_STEP};
use crate::gpu::kernels::row_sgd::{BATCH, Entry, Form, LONG_STEP, LONGEST_STEP, Params, Shape};
use crate::gpu::{AdapterKind, Bound, Clock, Commands, Gpu, Params as Uniforms, Pipeline};
use crate::ratings::{Codes, Rows, Side};
use crate::train::problem::Problem;
use crate::train::row::sgd::{self, Numbers};
use crate::{Error, Result};
use std::ops::Range;
use std::sync::Arc;

const _: () = assert!(
    BATCH == sgd::BATCH && BATCH * LONG_STEP == sgd::LONG_BATCH && BATCH * LONGEST_STEP == sgd::LONGEST_BATCH,
    "kernels take the CPU's batches"
);

/// Turns of its loops that an invocation may take on software Vulkan, which after 65,535 in all leaves them without a word.
const MOST_TURNS: usize = 65_400;
/// Loops of a fixed number of turns up to this are written out by its compiler.
const WRITTEN_OUT: usize = 32;

/// All sweeps of a problem.
pub(super) struct Sweeps {
    gpu: Gpu,
    problem: Arc<Problem>,
    shape: Shape,
    pipeline: Pipeline,
    /// By stage, users and items.
    stages: Vec<[Sweep; 2]>,
    /// By side, of each piece.
    params: [Uniforms<Params>; 2],
    written: [Option<Numbers>; 2],
    copies: Copies,
    /// Where ratings go through that are not bound.
    ring: Option<Ring<Room>>,
}

/// What one sweep of one stage dispatches.
struct Sweep {
    cut: Cut,
    /// The number of its first piece among those of its side.
    first: usize,
    /// Its pieces, bound, and where they are, if they stay on the device.
    bound: Vec<(Bound, Room)>,
    users_seen: Range<usize>,
}

impl Sweeps {
    pub(super) fn new(
        gpu: &Gpu,
        problem: &Arc<Problem>,
        (users, items): (&Factors, &Factors),
        shape: Shape,
        pipeline: Pipeline,
    ) -> Result<Self> {
        let stages = &problem.staged.stages;
        let rows = stages.iter().flat_map(|stage| [&stage.users, &stage.items]);
        let longest = rows.flat_map(|rows| (0..rows.len()).map(|n| rows.span(n).len())).max().unwrap_or(0);
        if gpu.description().kind == AdapterKind::Software && turns(&shape, longest) > MOST_TURNS {
            return Err(Error::Usage(format!(
                "{}: its driver does not get through the {longest} ratings that a user or an item has in a stage, with {} \
                 factors; `--device cpu` does. 256 factors and fewer need less, and of an item there are fewer with more `--stages`",
                gpu.description().name,
                shape.factors
            )));
        }
        let most = stages.iter().map(|stage| seen(&stage.users.row).len()).max().unwrap_or(0);
        let mut this = Self {
            gpu: gpu.clone(),
            problem: Arc::clone(problem),
            shape,
            pipeline,
            stages: Vec::new(),
            params: [gpu.params("user sweeps", &[])?, gpu.params("item sweeps", &[])?],
            written: [None; 2],
            copies: Copies::new(gpu, &shape, (users, items), most)?,
            ring: None,
        };
        let most = most_batches(gpu, &shape);
        this.cut(most)?;
        match this.bind_all((users, items)) {
            // What was bound so far is dropped.
            Err(Error::TooLarge(_)) => this.stream(most)?,
            other => other?,
        }
        Ok(this)
    }

    /// Cuts all sweeps into pieces of at most `most` batches.
    fn cut(&mut self, most: usize) -> Result<()> {
        let mut counts = [0; 2];
        self.stages.clear();
        for stage in &self.problem.staged.stages {
            let users_seen = seen(&stage.users.row);
            let sweep = |side: usize, rows: &Rows, counts: &mut [usize; 2]| {
                let (cut, first) = (Cut::new(rows, most), counts[side]);
                counts[side] += cut.pieces.len();
                Sweep { cut, first, bound: Vec::new(), users_seen: users_seen.clone() }
            };
            self.stages.push([sweep(0, &stage.users, &mut counts), sweep(1, &stage.items, &mut counts)]);
        }
        self.written = [None; 2];
        for (params, count) in self.params.iter_mut().zip(counts) {
            *params = self.gpu.params("sweeps", &vec![bytemuck::Zeroable::zeroed(); count])?;
        }
        Ok(())
    }

    /// Uploads all ratings and binds all sweeps.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when they do not fit; nothing is bound then.
    fn bind_all(&mut self, sides: (&Factors, &Factors)) -> Result<()> {
        let pieces = self.stages.iter().flatten().flat_map(|sweep| &sweep.cut.pieces);
        self.gpu.fits("ratings", bytes_of(pieces, &self.shape))?;
        let mut all = Vec::new();
        for stage in 0..self.stages.len() {
            for side in [Side::User, Side::Item] {
                let mut bound = Vec::new();
                for (n, piece) in self.sweep(stage, side).cut.pieces.iter().enumerate() {
                    let room = self.room(piece.rows.len(), piece.batches)?;
                    let mut commands = self.gpu.commands("ratings");
                    room.write(&mut commands, &self.table(stage, side, piece)?)?;
                    commands.submit_and_wait()?;
                    bound.push((self.bind((stage, side), (n, piece), &room, sides)?, room));
                }
                all.push(bound);
            }
        }
        self.stages.iter_mut().flatten().zip(all).for_each(|(sweep, bound)| sweep.bound = bound);
        Ok(())
    }

    fn codes(&self) -> Option<&Codes> {
        self.problem.staged.codes.as_deref()
    }

    fn room(&self, rows: usize, batches: usize) -> Result<Room> {
        Room::new(&self.gpu, self.shape, self.codes(), (rows, batches))
    }

    /// Makes a ring, and pieces that fit its rooms.
    fn stream(&mut self, most: usize) -> Result<()> {
        let sweeps = self.problem.staged.stages.iter().flat_map(|stage| [&stage.users, &stage.items]);
        let (mut longest, mut largest) = (0, 0);
        for rows in sweeps {
            let sizes = || (0..rows.len()).map(|n| rows.span(n).len().div_ceil(BATCH));
            longest = sizes().max().unwrap_or(0).max(longest);
            largest = sizes().sum::<usize>().max(largest);
        }
        // A row has a batch at least.
        let room = |batches| self.room(batches, batches);
        let ring = Ring::new(&self.gpu, (longest, largest.min(most)), room)?;
        self.cut(ring.size)?;
        self.ring = Some(ring);
        Ok(())
    }

    /// Whether ratings go through a ring.
    pub(super) fn streams(&self) -> bool {
        self.ring.is_some()
    }

    fn sweep(&self, stage: usize, side: Side) -> &Sweep {
        &self.stages[stage][usize::from(side == Side::Item)]
    }

    /// The rows that a sweep sees of its own side, and of the other.
    fn seen(&self, stage: usize, side: Side) -> (Range<usize>, Range<usize>) {
        let (users, items) = (self.sweep(stage, side).users_seen.clone(), 0..self.problem.staged.items());
        if side == Side::User { (users, items) } else { (items, users) }
    }

    fn table(&self, stage: usize, side: Side, piece: &Piece) -> Result<(Vec<Entry>, Vec<u32>)> {
        let (own, still) = self.seen(stage, side);
        let staged = &self.problem.staged;
        let cut = &self.sweep(stage, side).cut;
        cut.table(piece, staged.stages[stage].of(side), (&own, &still), staged.activity(side), self.codes())
    }

    /// Binds what updates a piece that lies in `room`.
    fn bind(
        &self,
        (stage, side): (usize, Side),
        (n, piece): (usize, &Piece),
        room: &Room,
        (users, items): (&Factors, &Factors),
    ) -> Result<Bound> {
        let (own, still) = if side == Side::User { (users, items) } else { (items, users) };
        let (own_seen, still_seen) = self.seen(stage, side);
        let params = self.params[usize::from(side == Side::Item)].at(self.sweep(stage, side).first + n);
        let mut resources = vec![params.into()];
        resources.extend(room.resources(piece)?);
        let (still_copies, own_copies) = self.copies.resources(side, &own_seen, &still_seen)?;
        match still_copies {
            Some(copies) => resources.extend(copies),
            None => resources.extend(still.resources(&still_seen)?),
        }
        resources.extend(own.resources(&own_seen)?);
        resources.extend(own_copies.into_iter().flatten());
        self.pipeline.bind(&resources)
    }

    /// Forgets the copies of rows, since the rows were written to.
    pub(super) fn stale(&mut self) {
        self.copies.stale();
    }

    /// Records a sweep, timed by a clock if there is one; gives what is recorded and not submitted.
    pub(super) fn record(
        &mut self,
        mut commands: Commands,
        (stage, side): (usize, Side),
        sides: (&Factors, &Factors),
        mut clock: Option<&mut Clock>,
    ) -> Result<Commands> {
        let pieces = self.sweep(stage, side).cut.pieces.clone();
        if pieces.is_empty() {
            return Ok(commands);
        }
        let seen = self.sweep(stage, side).users_seen.clone();
        self.copies.before(&mut commands, side, (sides.0, &seen), sides.1)?;
        let mut ring = self.ring.take();
        for (n, piece) in pieces.iter().enumerate() {
            let streamed = if let Some(ring) = &mut ring {
                let room = ring.room()?;
                room.write(&mut commands, &self.table(stage, side, piece)?)?;
                Some(self.bind((stage, side), (n, piece), room, sides)?)
            } else {
                None
            };
            if let Some(clock) = clock.as_deref_mut() {
                commands.time(clock)?;
            }
            let bound = streamed.as_ref().unwrap_or_else(|| &self.sweep(stage, side).bound[n].0);
            commands.dispatch(bound, self.shape.workgroups(piece.rows.len(), piece.long, piece.longest));
            if let Some(ring) = &mut ring {
                // The next room is filled before what is submitted next.
                ring.runs(commands.submit()?);
                commands = self.gpu.commands("sweeps");
            }
        }
        self.ring = ring;
        Ok(commands)
    }

    /// How many ratings a sweep reads.
    pub(super) fn ratings(&self, stage: usize, side: Side) -> usize {
        self.problem.staged.stages[stage].of(side).ratings.len()
    }

    /// Makes the numbers of a side's sweeps known to the device, after `flush`: work recorded so far keeps the numbers
    /// it had.
    pub(super) fn write(
        &mut self,
        side: Side,
        numbers: &Numbers,
        flush: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let place = usize::from(side == Side::Item);
        if self.written[place] == Some(*numbers) {
            return Ok(());
        }
        flush()?;
        let params = |piece: &Piece| Params {
            learning_rate: numbers.learning_rate,
            regularization: numbers.regularization,
            power: numbers.power,
            mean_activity: numbers.mean_activity,
            offset: numbers.offset,
            trained: numbers.trained as u32,
            long: piece.long as u32,
            longest: piece.longest as u32,
        };
        let pieces = self.stages.iter().flat_map(|sweeps| &sweeps[place].cut.pieces);
        self.params[place].write(&pieces.map(params).collect::<Vec<_>>())?;
        self.written[place] = Some(*numbers);
        Ok(())
    }
}

/// Turns of all loops in the visit to a row of so many ratings; a loop has one more turn, in which it is left.
fn turns(shape: &Shape, ratings: usize) -> usize {
    let batches = ratings.div_ceil(sgd::batch_of(ratings));
    let is_loop = shape.form == Form::Single && shape.held > WRITTEN_OUT;
    // Two loops over the row a rating, a batch, and at both ends.
    let over_row = if is_loop { 2 * (shape.held + 1) } else { 0 };
    batches + 1 + ratings + batches + (ratings + batches + 1) * over_row
}

/// The rows from the first to the last of `rows`, beginning where any device can bind.
fn seen(rows: &[u32]) -> Range<usize> {
    let first = rows.first().map_or(0, |&row| row as usize / ROW_STEP * ROW_STEP);
    first..rows.last().map_or(0, |&row| row as usize + 1)
}
