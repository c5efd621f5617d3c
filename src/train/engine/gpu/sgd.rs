//! Stochastic gradient sweeps: a binding a stage and side, made once.

use super::side::Factors;
use crate::gpu::kernels::row_sgd::{Entry, Params, Rating, Shape};
use crate::gpu::{Bound, Gpu, Params as Uniforms, Pipeline};
use crate::ratings::{Rows, Side, Stage};
use crate::train::problem::Problem;
use crate::train::row::sgd::Numbers;
use crate::{Error, Result};
use std::ops::Range;

/// A side is bound from a multiple of this many rows on: at least 16 bytes each, so that any device can.
const ROW_STEP: usize = 16;

/// All sweeps of a problem.
pub(super) struct Sweeps {
    /// By stage, users and items.
    pub(super) stages: Vec<[Sweep; 2]>,
    params: [Uniforms<Params>; 2],
    written: [Option<Params>; 2],
}

/// What one sweep of one stage dispatches; it keeps the ratings alive that it is bound to.
pub(super) struct Sweep {
    pub(super) bound: Option<Bound>,
    pub(super) workgroups: u32,
    pub(super) ratings: usize,
}

impl Sweeps {
    pub(super) fn new(
        gpu: &Gpu,
        problem: &Problem,
        (users, items): (&Factors, &Factors),
        shape: Shape,
        pipeline: &Pipeline,
    ) -> Result<Self> {
        let params = [
            gpu.params("user sweep", &[bytemuck::Zeroable::zeroed()])?,
            gpu.params("item sweep", &[bytemuck::Zeroable::zeroed()])?,
        ];
        let staged = &problem.staged;
        let bind = |stage: &Stage, side: Side| -> Result<Sweep> {
            let users_seen = seen(&stage.users.row);
            let items_seen = 0..items.states.len();
            let (rows, activity) = (stage.of(side), staged.activity(side));
            let (own, own_seen, still, still_seen, params) = match side {
                Side::User => (users, users_seen, items, items_seen, &params[0]),
                Side::Item => (items, items_seen, users, users_seen, &params[1]),
            };
            if rows.is_empty() {
                return Ok(Sweep { bound: None, workgroups: 0, ratings: 0 });
            }
            let (entries, ratings) = table(rows, &own_seen, &still_seen, activity)?;
            let entries = gpu.upload("rows", &entries)?;
            let ratings = gpu.upload("ratings", &ratings)?;
            let bound = pipeline.bind(&[
                params.at(0),
                entries.all(),
                ratings.all(),
                still.rows.slice(still_seen.start * shape.stride..still_seen.end * shape.stride)?,
                still.states.slice(still_seen)?,
                own.rows.slice(own_seen.start * shape.stride..own_seen.end * shape.stride)?,
                own.states.slice(own_seen)?,
            ])?;
            Ok(Sweep {
                bound: Some(bound),
                workgroups: shape.workgroups(rows.len()),
                ratings: rows.value.len(),
            })
        };
        let stages =
            staged.stages.iter().map(|stage| Ok([bind(stage, Side::User)?, bind(stage, Side::Item)?]));
        Ok(Self { stages: stages.collect::<Result<_>>()?, params, written: [None; 2] })
    }

    /// Makes the numbers of a side's sweeps known to the device, after `flush`: work recorded so far keeps the numbers
    /// it had.
    pub(super) fn write(
        &mut self,
        side: Side,
        numbers: &Numbers,
        flush: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let params = Params {
            learning_rate: numbers.learning_rate,
            regularization: numbers.regularization,
            power: numbers.power,
            mean_activity: numbers.mean_activity,
            offset: numbers.offset,
            trained: numbers.trained as u32,
        };
        let side = usize::from(side == Side::Item);
        if self.written[side] != Some(params) {
            flush()?;
            self.params[side].write(&[params])?;
            self.written[side] = Some(params);
        }
        Ok(())
    }
}

/// A sweep's rows and ratings as the kernel reads them, their numbers counted from the first row it sees of a side.
fn table(
    rows: &Rows,
    own: &Range<usize>,
    still: &Range<usize>,
    activity: &[u32],
) -> Result<(Vec<Entry>, Vec<Rating>)> {
    // Kernels are trusted not to look behind the end: this is where their indices are validated.
    let inside = |row: &u32, seen: &Range<usize>| seen.contains(&(*row as usize));
    if !(rows.row.iter().all(|row| inside(row, own)) && rows.other.iter().all(|row| inside(row, still))) {
        return Err(Error::Bug("a rating outside the factors".into()));
    }
    let entry = |(n, &row): (usize, &u32)| Entry {
        row: row - own.start as u32,
        start: rows.starts[n],
        end: rows.starts[n + 1],
        activity: activity[row as usize],
    };
    let rating = |(&other, &value)| Rating { other: other - still.start as u32, value };
    let ratings = rows.other.iter().zip(&rows.value).map(rating).collect();
    Ok((rows.row.iter().enumerate().map(entry).collect(), ratings))
}

/// The rows from the first to the last of `rows`, beginning where any device can bind.
fn seen(rows: &[u32]) -> Range<usize> {
    let first = rows.first().map_or(0, |&row| row as usize / ROW_STEP * ROW_STEP);
    first..rows.last().map_or(0, |&row| row as usize + 1)
}
