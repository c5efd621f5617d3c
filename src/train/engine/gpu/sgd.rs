//! Stochastic gradient sweeps: a binding a stage and side, made once.

use super::copies::Copies;
use super::side::Factors;
use crate::gpu::kernels::row_sgd::{BATCH, Batch, Entry, Form, Params, Shape};
use crate::gpu::{Bound, Buffer, Clock, Commands, Gpu, Params as Uniforms, Pipeline, Resource, RowTexture};
use crate::ratings::{Rows, Side, Stage};
use crate::train::problem::Problem;
use crate::train::row::sgd::{Numbers, batch_of};
use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;

/// A side is bound from a multiple of this many rows on: at least 256 bytes, so that any device can.
const ROW_STEP: usize = 64;

/// All sweeps of a problem.
pub(super) struct Sweeps {
    /// By stage, users and items.
    stages: Vec<[Sweep; 2]>,
    /// By side, of each stage.
    params: [Uniforms<Params>; 2],
    written: [Option<Numbers>; 2],
    copies: Copies,
}

/// What one sweep of one stage dispatches; it keeps the ratings alive that it is bound to.
struct Sweep {
    bound: Option<Bound>,
    workgroups: u32,
    /// How many of its rows are long.
    long: usize,
    ratings: usize,
    users_seen: Range<usize>,
}

/// A sweep's ratings on the device, as the kernel reads them.
enum Ratings {
    Buffer(Buffer<Batch>),
    Texture(RowTexture),
}

impl Ratings {
    fn upload(gpu: &Gpu, form: Form, batches: &[Batch]) -> Result<Self> {
        let buffer = gpu.upload("ratings", batches)?;
        if form != Form::Texture {
            return Ok(Self::Buffer(buffer));
        }
        let quads = size_of::<Batch>() / 16;
        let texture = gpu.row_texture("ratings", (batches.len(), quads), RowTexture::WORDS)?;
        let mut commands = gpu.commands("ratings");
        commands.copy_rows(&buffer, 0..batches.len(), &texture)?;
        commands.submit_and_wait()?;
        Ok(Self::Texture(texture))
    }

    fn resource(&self) -> Resource<'_> {
        match self {
            Self::Buffer(buffer) => buffer.all().into(),
            Self::Texture(texture) => Resource::Texture(texture),
        }
    }
}

impl Sweeps {
    pub(super) fn new(
        gpu: &Gpu,
        problem: &Problem,
        (users, items): (&Factors, &Factors),
        shape: Shape,
        pipeline: &Pipeline,
    ) -> Result<Self> {
        let staged = &problem.staged;
        let unknown = vec![bytemuck::Zeroable::zeroed(); staged.stages.len()];
        let params = [gpu.params("user sweeps", &unknown)?, gpu.params("item sweeps", &unknown)?];
        let most = staged.stages.iter().map(|stage| seen(&stage.users.row).len()).max().unwrap_or(0);
        let copies = Copies::new(gpu, &shape, (users, items), most)?;
        let bind = |(n, stage): (usize, &Stage), side: Side| -> Result<Sweep> {
            let users_seen = seen(&stage.users.row);
            let items_seen = 0..items.states.len();
            let (rows, activity) = (stage.of(side), staged.activity(side));
            let (own, own_seen, still, still_seen, params) = match side {
                Side::User => (users, users_seen, items, items_seen, &params[0]),
                Side::Item => (items, items_seen, users, users_seen, &params[1]),
            };
            if rows.is_empty() {
                return Ok(Sweep { bound: None, workgroups: 0, long: 0, ratings: 0, users_seen: 0..0 });
            }
            let long = (0..rows.len()).filter(|&n| batch_of(rows.span(n).len()) > BATCH).count();
            let (entries, batches) = table(rows, &own_seen, &still_seen, activity)?;
            let entries = gpu.upload("rows", &entries)?;
            let ratings = Ratings::upload(gpu, shape.form, &batches)?;
            let mut resources = vec![params.at(n).into(), entries.all().into(), ratings.resource()];
            let (still_copies, own_copies) = copies.resources(side, &own_seen, &still_seen)?;
            match still_copies {
                Some(copies) => resources.extend(copies),
                None => resources.extend(still.resources(&still_seen)?),
            }
            resources.extend(own.resources(&own_seen)?);
            resources.extend(own_copies.into_iter().flatten());
            let bound = pipeline.bind(&resources)?;
            Ok(Sweep {
                bound: Some(bound),
                workgroups: shape.workgroups(rows.len(), long),
                long,
                ratings: rows.value.len(),
                users_seen: if side == Side::User { own_seen } else { still_seen },
            })
        };
        let stages = staged
            .stages
            .iter()
            .enumerate()
            .map(|stage| Ok([bind(stage, Side::User)?, bind(stage, Side::Item)?]));
        let stages = stages.collect::<Result<_>>()?;
        Ok(Self { stages, params, written: [None; 2], copies })
    }

    /// Forgets the copies of rows, since the rows were written to.
    pub(super) fn stale(&mut self) {
        self.copies.stale();
    }

    /// Records a sweep, timed by a clock if there is one.
    pub(super) fn record(
        &mut self,
        commands: &mut Commands,
        (stage, side): (usize, Side),
        (users, items): (&Factors, &Factors),
        clock: Option<&mut Clock>,
    ) -> Result<()> {
        let sweep = &self.stages[stage][usize::from(side == Side::Item)];
        let Some(bound) = &sweep.bound else { return Ok(()) };
        self.copies.before(commands, side, (users, &sweep.users_seen), items)?;
        if let Some(clock) = clock {
            commands.time(clock)?;
        }
        commands.dispatch(bound, sweep.workgroups);
        Ok(())
    }

    /// How many ratings a sweep reads.
    pub(super) fn ratings(&self, stage: usize, side: Side) -> usize {
        self.stages[stage][usize::from(side == Side::Item)].ratings
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
        let params = |sweeps: &[Sweep; 2]| Params {
            learning_rate: numbers.learning_rate,
            regularization: numbers.regularization,
            power: numbers.power,
            mean_activity: numbers.mean_activity,
            offset: numbers.offset,
            trained: numbers.trained as u32,
            long: sweeps[place].long as u32,
        };
        self.params[place].write(&self.stages.iter().map(params).collect::<Vec<_>>())?;
        self.written[place] = Some(*numbers);
        Ok(())
    }
}

/// Batches that the ratings of the largest sweep make.
pub(super) fn most_batches(problem: &Problem) -> usize {
    let batches = |rows: &Rows| (0..rows.len()).map(|n| rows.span(n).len().div_ceil(BATCH)).sum();
    let sides = problem.staged.stages.iter().flat_map(|stage| [&stage.users, &stage.items]);
    sides.map(batches).max().unwrap_or(0)
}

/// A sweep's rows, those with the most ratings first, and ratings, as the kernel reads them; their numbers are counted from
/// the first row it sees of a side.
fn table(
    rows: &Rows,
    own: &Range<usize>,
    still: &Range<usize>,
    activity: &[u32],
) -> Result<(Vec<Entry>, Vec<Batch>)> {
    // Kernels are trusted not to look behind the end: this is where their indices are validated.
    let inside = |row: &u32, seen: &Range<usize>| seen.contains(&(*row as usize));
    if !(rows.row.iter().all(|row| inside(row, own)) && rows.other.par_iter().all(|row| inside(row, still))) {
        return Err(Error::Bug("a rating outside the factors".into()));
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&n| std::cmp::Reverse(rows.span(n).len()));
    let batches_of = |n: usize| rows.span(n).len().div_ceil(BATCH);
    let mut batches = vec![Batch::default(); order.iter().map(|&n| batches_of(n)).sum()];
    let mut rest = &mut batches[..];
    let (mut entries, mut pieces) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    let mut batch = 0;
    for n in order {
        let row = rows.row[n];
        let ratings = rows.span(n).len() as u32;
        entries.push(Entry { row: row - own.start as u32, batch, ratings, activity: activity[row as usize] });
        let (piece, tail) = rest.split_at_mut(batches_of(n));
        batch += piece.len() as u32;
        pieces.push((n, piece));
        rest = tail;
    }
    pieces.into_par_iter().for_each(|(n, piece)| {
        let (others, values) = (&rows.other[rows.span(n)], &rows.value[rows.span(n)]);
        for ((batch, others), values) in piece.iter_mut().zip(others.chunks(BATCH)).zip(values.chunks(BATCH))
        {
            for place in 0..BATCH {
                let known = place.min(others.len() - 1);
                batch.others[place] = others[known] - still.start as u32;
                batch.values[place] = values[known];
            }
        }
    });
    Ok((entries, batches))
}

/// The rows from the first to the last of `rows`, beginning where any device can bind.
fn seen(rows: &[u32]) -> Range<usize> {
    let first = rows.first().map_or(0, |&row| row as usize / ROW_STEP * ROW_STEP);
    first..rows.last().map_or(0, |&row| row as usize + 1)
}
