//! Stochastic gradient sweeps on the GPU. Ratings stay on the device, with each sweep bound once, or are
//! streamed through a ring of slots if they do not fit.

use super::copies::Copies;
use super::rating_pieces::{Cut, Piece, Slot, bytes_of, most_batches};
use super::ring::Ring;
use super::side::Factors;
use crate::gpu::kernels::row_sgd::{BATCH, Entry, Form, LONG_STEP, LONGEST_STEP, Params, Shape};
use crate::gpu::{AdapterKind, Bound, Clock, Commands, Gpu, Params as Uniforms, Pipeline, ROW_STEP};
use crate::ratings::{At, Codes, Rows, Side, Sides, Staged};
use crate::train::problem::Problem;
use crate::train::row::sgd::{self, Numbers};
use crate::{Error, Result};
use std::ops::Range;
use std::sync::Arc;

const _: () = assert!(
    BATCH == sgd::BATCH && BATCH * LONG_STEP == sgd::LONG_BATCH && BATCH * LONGEST_STEP == sgd::LONGEST_BATCH,
    "kernels take the CPU's batches"
);

/// The largest number of loop iterations that an invocation may take on software Vulkan. It silently leaves a
/// loop after 65,535 iterations in total.
const MOST_TURNS: usize = 65_400;
/// Its compiler unrolls loops of a fixed number of iterations up to this one.
const WRITTEN_OUT: usize = 32;

/// All sweeps of a problem.
pub(super) struct Sweeps {
    gpu: Gpu,
    problem: Arc<Problem>,
    shape: Shape,
    pipeline: Pipeline,
    /// The pieces of the sides of each stage.
    stages: Vec<Sides<Vec<Sweep>>>,
    /// One element for each piece of a side.
    params: Sides<Uniforms<Params>>,
    written: Sides<Option<Numbers>>,
    copies: Copies,
    /// The ring that ratings are streamed through, if they do not stay on the device.
    ring: Option<Ring<Slot>>,
}

/// The dispatches of a sweep over rows that are read at once: a side of a stage where the ratings are in memory, else
/// a piece of it.
struct Sweep {
    cut: Cut,
    /// The number of its first piece among all pieces of its side.
    first: usize,
    /// The bound pieces and their slots, if the ratings stay on the device.
    bound: Vec<(Bound, Slot)>,
    users_seen: Range<usize>,
}

impl Sweeps {
    pub(super) fn new(
        gpu: &Gpu,
        problem: &Arc<Problem>,
        sides: &Sides<Factors>,
        shape: Shape,
        pipeline: Pipeline,
    ) -> Result<Self> {
        let staged = &problem.staged;
        let longest =
            staged.all_rows().flat_map(|rows| (0..rows.len()).map(|n| rows.span(n).len())).max().unwrap_or(0);
        if gpu.description().kind == AdapterKind::Software && turns(&shape, longest) > MOST_TURNS {
            return Err(Error::Usage(format!(
                "{}: its driver does not get through the {longest} ratings that a user or an item has in a \
                 stage, with {} factors; `device = cpu` does. 256 factors and fewer need less, and of an \
                 item there are fewer with more `training.stages`",
                gpu.description().name,
                shape.factors
            )));
        }
        let most = (0..staged.stages()).map(|stage| users_seen(staged, stage).len()).max();
        let mut this = Self {
            gpu: gpu.clone(),
            problem: Arc::clone(problem),
            shape,
            pipeline,
            stages: Vec::new(),
            params: Sides::try_from_fn(|_| gpu.params("sweeps", &[]))?,
            written: Sides::default(),
            copies: Copies::new(gpu, &shape, sides, most.unwrap_or(0))?,
            ring: None,
        };
        let most = most_batches(gpu, &shape);
        this.cut(most)?;
        match this.bind_all(sides) {
            // The error has dropped all that was bound before.
            Err(Error::TooLarge(_)) => this.stream(most)?,
            other => other?,
        }
        Ok(this)
    }

    /// Cuts all sweeps into pieces of at most `most` batches.
    fn cut(&mut self, most: usize) -> Result<()> {
        let mut counts = Sides::<usize>::default();
        self.stages.clear();
        for stage in 0..self.problem.staged.stages() {
            let staged = &self.problem.staged;
            let users_seen = users_seen(staged, stage);
            self.stages.push(Sides::from_fn(|side| {
                let sweep = |rows: &Rows| {
                    let (cut, first) = (Cut::new(rows, most), counts[side]);
                    counts[side] += cut.pieces.len();
                    Sweep { cut, first, bound: Vec::new(), users_seen: users_seen.clone() }
                };
                staged.pieces(At { stage, side }).iter().map(sweep).collect()
            }));
        }
        self.written = Sides::default();
        let params = |side| self.gpu.params("sweeps", &vec![bytemuck::Zeroable::zeroed(); counts[side]]);
        self.params = Sides::try_from_fn(params)?;
        Ok(())
    }

    /// Uploads all ratings and binds all sweeps.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if they do not fit; nothing is bound then.
    fn bind_all(&mut self, sides: &Sides<Factors>) -> Result<()> {
        let pieces = self.stages.iter().flatten().flatten().flat_map(|sweep| &sweep.cut.pieces);
        self.gpu.fits("ratings", bytes_of(pieces, &self.shape))?;
        let mut all = Vec::new();
        for stage in 0..self.stages.len() {
            for side in Side::BOTH {
                let at = At { stage, side };
                self.problem.staged.each_piece(at, |part, rows| {
                    let sweep = &self.stages[stage][side][part];
                    let mut bound = Vec::new();
                    for (n, piece) in sweep.cut.pieces.iter().enumerate() {
                        let slot = self.slot(piece.rows.len(), piece.batches)?;
                        let mut commands = self.gpu.commands("ratings");
                        slot.write(&mut commands, &self.table(at, sweep, piece, rows)?)?;
                        commands.submit_and_wait()?;
                        bound.push((self.bind(at, sweep, (n, piece), &slot, sides)?, slot));
                    }
                    all.push(bound);
                    Ok(())
                })?;
            }
        }
        self.stages.iter_mut().flatten().flatten().zip(all).for_each(|(sweep, bound)| sweep.bound = bound);
        Ok(())
    }

    fn codes(&self) -> Option<&Codes> {
        self.problem.staged.codes.as_deref()
    }

    fn slot(&self, rows: usize, batches: usize) -> Result<Slot> {
        Slot::new(&self.gpu, self.shape, self.codes(), (rows, batches))
    }

    /// Allocates a ring, and cuts pieces that fit its slots.
    fn stream(&mut self, most: usize) -> Result<()> {
        let (mut longest, mut largest) = (0, 0);
        for rows in self.problem.staged.all_rows() {
            let sizes = || (0..rows.len()).map(|n| rows.span(n).len().div_ceil(BATCH));
            longest = sizes().max().unwrap_or(0).max(longest);
            largest = sizes().sum::<usize>().max(largest);
        }
        // A row has at least one batch.
        let slot = |batches| self.slot(batches, batches);
        let ring = Ring::new(&self.gpu, (longest, largest.min(most)), slot)?;
        self.cut(ring.size)?;
        self.ring = Some(ring);
        Ok(())
    }

    /// Whether ratings are streamed through a ring.
    pub(super) fn streams(&self) -> bool {
        self.ring.is_some()
    }

    /// The rows of both sides that a sweep sees.
    fn seen(&self, sweep: &Sweep) -> Sides<Range<usize>> {
        let items = 0..self.problem.staged.size(Side::Item);
        Sides { users: sweep.users_seen.clone(), items }
    }

    fn table(&self, at: At, sweep: &Sweep, piece: &Piece, rows: &Rows) -> Result<(Vec<Entry>, Vec<u32>)> {
        let seen = self.seen(sweep);
        let (own, fixed) = (&seen[at.side], &seen[at.side.other()]);
        let activity = &self.problem.staged.activity[at.side];
        sweep.cut.table(piece, rows, (own, fixed), activity, self.codes())
    }

    /// Binds the update of a piece whose ratings are in `slot`.
    fn bind(
        &self,
        at: At,
        sweep: &Sweep,
        (n, piece): (usize, &Piece),
        slot: &Slot,
        sides: &Sides<Factors>,
    ) -> Result<Bound> {
        let (own, other, seen) = (at.side, at.side.other(), self.seen(sweep));
        let params = self.params[own].at(sweep.first + n);
        let mut resources = vec![params.into()];
        resources.extend(slot.resources(piece)?);
        match self.copies.resources(other, &seen[other])? {
            Some(copies) => resources.extend(copies),
            None => resources.extend(sides[other].resources(&seen[other])?),
        }
        resources.extend(sides[own].resources(&seen[own])?);
        resources.extend(self.copies.resources(own, &seen[own])?.into_iter().flatten());
        self.pipeline.bind(&resources)
    }

    /// Marks the copies of rows as outdated, because the rows were written to.
    pub(super) fn stale(&mut self) {
        self.copies.stale();
    }

    /// Records a sweep, timed by the clock if there is one. Returns the commands that are recorded but not
    /// submitted.
    pub(super) fn record(
        &mut self,
        mut commands: Commands,
        at: At,
        sides: &Sides<Factors>,
        mut clock: Option<&mut Clock>,
    ) -> Result<Commands> {
        let sweeps = &self.stages[at.stage][at.side];
        let Some(first) = sweeps.iter().find(|sweep| !sweep.cut.pieces.is_empty()) else {
            return Ok(commands);
        };
        self.copies.before(&mut commands, at.side, sides, first.users_seen.clone())?;
        if let Some(mut ring) = self.ring.take() {
            let recorded = self.record_streamed(commands, at, sides, (&mut ring, clock));
            self.ring = Some(ring);
            return recorded;
        }
        for sweep in &self.stages[at.stage][at.side] {
            for (piece, (bound, _)) in sweep.cut.pieces.iter().zip(&sweep.bound) {
                if let Some(clock) = clock.as_deref_mut() {
                    commands.time(clock)?;
                }
                commands.dispatch(bound, self.workgroups(piece));
            }
        }
        Ok(commands)
    }

    /// Records a sweep whose ratings go through a ring, piece by piece.
    fn record_streamed(
        &self,
        mut commands: Commands,
        at: At,
        sides: &Sides<Factors>,
        (ring, mut clock): (&mut Ring<Slot>, Option<&mut Clock>),
    ) -> Result<Commands> {
        self.problem.staged.each_piece(at, |part, rows| {
            let sweep = &self.stages[at.stage][at.side][part];
            for (n, piece) in sweep.cut.pieces.iter().enumerate() {
                let slot = ring.slot()?;
                slot.write(&mut commands, &self.table(at, sweep, piece, rows)?)?;
                let bound = self.bind(at, sweep, (n, piece), slot, sides)?;
                if let Some(clock) = clock.as_deref_mut() {
                    commands.time(clock)?;
                }
                commands.dispatch(&bound, self.workgroups(piece));
                // The next slot is filled before the next submission.
                ring.runs(std::mem::replace(&mut commands, self.gpu.commands("sweeps")).submit()?);
            }
            Ok(())
        })?;
        Ok(commands)
    }

    fn workgroups(&self, piece: &Piece) -> u32 {
        self.shape.workgroups(piece.rows.len(), piece.long, piece.longest)
    }

    /// Writes the parameters of a side's sweeps to the device. Calls `flush` first, so that work recorded so
    /// far keeps its parameters.
    pub(super) fn write(
        &mut self,
        side: Side,
        numbers: &Numbers,
        flush: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        if self.written[side] == Some(*numbers) {
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
        let pieces = self.stages.iter().flat_map(|sweeps| &sweeps[side]).flat_map(|sweep| &sweep.cut.pieces);
        self.params[side].write(&pieces.map(params).collect::<Vec<_>>())?;
        self.written[side] = Some(*numbers);
        Ok(())
    }
}

/// The number of loop iterations in the visit to a row with this many ratings. A loop has one more, in which
/// it ends.
fn turns(shape: &Shape, ratings: usize) -> usize {
    let batches = ratings.div_ceil(sgd::batch_of(ratings));
    let is_loop = shape.form == Form::Single && shape.held > WRITTEN_OUT;
    // Two loops over the row for each rating, for each batch, and at both ends.
    let over_row = if is_loop { 2 * (shape.held + 1) } else { 0 };
    batches + 1 + ratings + batches + (ratings + batches + 1) * over_row
}

/// The users from the first to the last that has ratings in a stage, beginning at an offset that any device can
/// bind.
fn users_seen(staged: &Staged, stage: usize) -> Range<usize> {
    let rows = staged.rated(At { stage, side: Side::User });
    let first = rows.first().map_or(0, |&row| row as usize / ROW_STEP * ROW_STEP);
    first..rows.last().map_or(0, |&row| row as usize + 1)
}
