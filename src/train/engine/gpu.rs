//! The GPU engine: the same row updates by `shaders/row_sgd.wgsl`.

use super::{Engine, Moments, Vectors};
use crate::gpu::kernels::row_sgd::{Entry, Params, Rating, Shape, State as DeviceState};
use crate::gpu::kernels::{FactorBuffers, SquaredError};
use crate::gpu::{Bound, Buffer, Commands, Gpu, Params as Uniforms, Pipeline, pad_rows, unpad_rows};
use crate::math::Matrix;
use crate::ratings::{Rows, Side, Stage};
use crate::train::problem::Problem;
use crate::train::row::Update;
use crate::train::row::normal::ViewNumbers;
use crate::train::row::sgd::{Numbers, RowState};
use crate::train::state::{SideState, State};
use crate::{Error, Result};
use std::ops::Range;
use std::sync::Arc;

/// Ratings in one submission: well under 100 ms of work on any GPU, since a desktop driver kills what takes long.
const SUBMISSION: usize = 4 << 20;

/// A side is bound from a multiple of this many rows on: at least 16 bytes each, so that any device can.
const ROW_STEP: usize = 16;

/// Trains on a GPU.
pub struct GpuEngine {
    gpu: Gpu,
    problem: Arc<Problem>,
    shape: Shape,
    users: Factors,
    items: Factors,
    sweeps: Vec<[Sweep; 2]>,
    params: [Uniforms<Params>; 2],
    written: [Option<Params>; 2],
    held_out: Option<HeldOut>,
    commands: Option<Commands>,
    recorded: usize,
}

/// One side on the device.
struct Factors {
    rows: Buffer<f32>,
    states: Buffer<DeviceState>,
}

/// What one sweep of one stage dispatches; it keeps the ratings alive that it is bound to.
struct Sweep {
    bound: Option<Bound>,
    workgroups: u32,
    ratings: usize,
}

/// The held-out ratings, and the offset that was added to their values.
struct HeldOut {
    error: SquaredError,
    offset: f32,
}

impl GpuEngine {
    /// An engine for `problem` on `gpu` that starts from `state`, with rows laid out as suits the device.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when ratings and factors do not fit the device, [`Error::Device`] when it fails.
    pub fn new(gpu: Gpu, problem: Arc<Problem>, state: &State) -> Result<Self> {
        let shape = Shape::suited(&gpu, state.users.factors.columns());
        Self::with_shape(gpu, problem, state, shape)
    }

    /// As [`GpuEngine::new`], with rows laid out as asked.
    ///
    /// # Errors
    /// As [`GpuEngine::new`].
    pub fn with_shape(gpu: Gpu, problem: Arc<Problem>, state: &State, shape: Shape) -> Result<Self> {
        let pipeline = shape.pipeline(&gpu)?;
        Self::with_pipeline(gpu, problem, state, shape, &pipeline)
    }

    /// As [`GpuEngine::with_shape`], with a kernel of the caller's that has the bindings of the row update.
    ///
    /// # Errors
    /// As [`GpuEngine::new`].
    pub fn with_pipeline(
        gpu: Gpu,
        problem: Arc<Problem>,
        state: &State,
        shape: Shape,
        pipeline: &Pipeline,
    ) -> Result<Self> {
        let users = Factors::upload(&gpu, "user", &state.users, shape)?;
        let items = Factors::upload(&gpu, "item", &state.items, shape)?;
        let params = [
            gpu.params("user sweep", &[bytemuck::Zeroable::zeroed()])?,
            gpu.params("item sweep", &[bytemuck::Zeroable::zeroed()])?,
        ];
        let staged = &problem.staged;
        let bind = |stage: &Stage, side: Side| -> Result<Sweep> {
            let users_seen = seen(&stage.users.row);
            let items_seen = 0..items.states.len();
            let (rows, own, own_seen, still, still_seen, params, activity) = match side {
                Side::User => {
                    let activity = &staged.user_activity;
                    (&stage.users, &users, users_seen, &items, items_seen, &params[0], activity)
                }
                Side::Item => {
                    let activity = &staged.item_activity;
                    (&stage.items, &items, items_seen, &users, users_seen, &params[1], activity)
                }
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
        let sweeps =
            staged.stages.iter().map(|stage| Ok([bind(stage, Side::User)?, bind(stage, Side::Item)?]));
        let sweeps = sweeps.collect::<Result<Vec<_>>>()?;
        let (written, commands) = ([None; 2], None);
        Ok(Self {
            gpu,
            problem,
            shape,
            users,
            items,
            sweeps,
            params,
            written,
            held_out: None,
            commands,
            recorded: 0,
        })
    }

    fn flush(&mut self) -> Result<()> {
        self.recorded = 0;
        match self.commands.take() {
            Some(commands) => commands.submit().map(drop),
            None => Ok(()),
        }
    }

    /// Makes the numbers of a side's sweeps known to the device. Work recorded so far keeps the numbers it had.
    fn write(&mut self, side: usize, numbers: &Numbers) -> Result<()> {
        let params = Params {
            learning_rate: numbers.learning_rate,
            regularization: numbers.regularization,
            power: numbers.power,
            mean_activity: numbers.mean_activity,
            offset: numbers.offset,
            trained: numbers.trained as u32,
        };
        if self.written[side] != Some(params) {
            self.flush()?;
            self.params[side].write(&[params])?;
            self.written[side] = Some(params);
        }
        Ok(())
    }

    fn held_out(&self, offset: f32) -> Result<HeldOut> {
        let ratings = &self.problem.held_out;
        let values: Vec<f32> = ratings.values.iter().map(|value| value + offset).collect();
        let factors = FactorBuffers {
            users: &self.users.rows,
            items: &self.items.rows,
            user_states: &self.users.states,
            item_states: &self.items.states,
        };
        let ratings = (&ratings.users[..], &ratings.items[..], &values[..]);
        Ok(HeldOut { error: SquaredError::new(&self.gpu, self.shape.stride, factors, ratings)?, offset })
    }
}

impl Engine for GpuEngine {
    fn device(&self) -> String {
        let description = self.gpu.description();
        format!("{} ({}, {})", description.name, description.backend, description.kind)
    }

    fn stages(&self) -> usize {
        self.sweeps.len()
    }

    fn sweep(&mut self, stage: usize, side: Side, update: &Update) -> Result<()> {
        let Update::Sgd(numbers) = update else { return Err(Error::Bug("not yet".into())) };
        let side = usize::from(side == Side::Item);
        self.write(side, numbers)?;
        let Sweep { bound: Some(bound), workgroups, ratings } = &self.sweeps[stage][side] else {
            return Ok(());
        };
        let gpu = &self.gpu;
        self.commands.get_or_insert_with(|| gpu.commands("sweeps")).dispatch(bound, *workgroups);
        self.recorded += ratings;
        if self.recorded >= SUBMISSION { self.flush() } else { Ok(()) }
    }

    fn rows(&mut self, side: Side) -> Result<Vec<RowState>> {
        self.flush()?;
        self.gpu.check()?;
        let own = if side == Side::User { &self.users } else { &self.items };
        Ok(bytemuck::cast_slice::<DeviceState, RowState>(&own.states.download()?).to_vec())
    }

    fn set_rows(&mut self, side: Side, rows: &[RowState]) -> Result<()> {
        self.flush()?;
        let own = if side == Side::User { &self.users } else { &self.items };
        own.states.write(0, bytemuck::cast_slice(rows))
    }

    fn moments(&mut self, _side: Side, _vectors: Vectors) -> Result<Moments> {
        Err(Error::Bug("not yet".into()))
    }

    fn explain(&mut self, _side: Side, _numbers: &ViewNumbers) -> Result<()> {
        Err(Error::Bug("not yet".into()))
    }

    fn set_views(&mut self, _side: Side, _views: &Matrix) -> Result<()> {
        Err(Error::Bug("not yet".into()))
    }

    fn predictions(&mut self) -> Result<Vec<f32>> {
        Err(Error::Bug("not yet".into()))
    }

    fn held_out_error(&mut self, offset: f32) -> Result<f64> {
        self.flush()?;
        if self.held_out.as_ref().is_none_or(|held_out| held_out.offset.to_bits() != offset.to_bits()) {
            self.held_out = Some(self.held_out(offset)?);
        }
        let (low, high) = self.problem.range;
        let held_out =
            self.held_out.as_ref().map(|held_out| held_out.error.sum(Some((low + offset, high + offset))));
        held_out.unwrap_or(Ok(0.0))
    }

    fn state(&mut self) -> Result<State> {
        self.flush()?;
        Ok(State { users: self.users.download(self.shape)?, items: self.items.download(self.shape)? })
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        self.flush()?;
        self.users.write(&state.users, self.shape)?;
        self.items.write(&state.items, self.shape)
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

impl Factors {
    fn upload(gpu: &Gpu, name: &str, side: &SideState, shape: Shape) -> Result<Self> {
        let rows = gpu.zeroed(&format!("{name} factors"), side.rows.len() * shape.stride)?;
        let this = Self { rows, states: gpu.zeroed(&format!("{name} states"), side.rows.len())? };
        this.write(side, shape)?;
        Ok(this)
    }

    fn write(&self, side: &SideState, shape: Shape) -> Result<()> {
        self.rows.write(0, &pad_rows(&side.factors, shape.stride))?;
        self.states.write(0, bytemuck::cast_slice(&side.rows))
    }

    fn download(&self, shape: Shape) -> Result<SideState> {
        let factors = unpad_rows(&self.rows.download()?, shape.factors, shape.stride);
        let states: Vec<DeviceState> = self.states.download()?;
        Ok(SideState { factors, rows: bytemuck::cast_slice::<_, RowState>(&states).to_vec() })
    }
}
