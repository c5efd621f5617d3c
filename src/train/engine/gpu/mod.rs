//! The GPU engine: the same row updates as on the CPU, by the kernels of `shaders/`.

mod copies;
mod memory;
mod normal;
mod packing;
mod rating_pieces;
mod ring;
mod sgd;
mod side;
mod snapshot;

use super::{Engine, MomentParts, Saved, Vectors};
use crate::gpu::kernels::row_sgd::Shape;
use crate::gpu::operations::{FactorBuffers, Losses, Predictions, SquaredError};
use crate::gpu::{Clock, Commands, Gpu, Pipeline, ROW_STEP, pad_rows, unpad_rows};
use crate::math::Matrix;
use crate::ratings::{At, Rows, Side, Sides};
use crate::train::problem::{Problem, Set};
use crate::train::row::RowState;
use crate::train::row::Update;
use crate::train::row::normal::ImplicitNumbers;
use crate::train::row::sgd::Numbers;
use crate::train::state::{SideState, State};
use crate::{Error, Result};
use side::Factors;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

pub use memory::{DeviceMemory, Sizes};
pub use snapshot::Snapshot;

/// The number of ratings in one submission: well under 100 ms of work on any GPU, because a desktop driver
/// kills longer work.
const SUBMISSION: usize = 4 << 20;

/// Trains on a GPU.
pub struct GpuEngine {
    gpu: Gpu,
    problem: Arc<Problem>,
    shape: Shape,
    sides: Sides<Factors>,
    /// A kernel for stochastic gradient sweeps that the caller supplied.
    pipeline: Option<Pipeline>,
    /// The sweeps and measurements below are created on first use.
    sgd: Option<sgd::Sweeps>,
    normal: Option<normal::Sweeps>,
    measured: [Measured; 2],
    losses: Option<Losses>,
    packing: Option<Rc<packing::Packing>>,
    commands: Option<Commands>,
    recorded: usize,
    clock: Option<Clock>,
}

/// A set of ratings that are not trained on, on the device.
#[derive(Default)]
struct Measured {
    /// Computes its squared error, for values that this offset was added to.
    error: Option<(SquaredError, f32)>,
    predictions: Option<Predictions>,
}

impl GpuEngine {
    /// An engine for `problem` on `gpu` that starts from `state`. The layout of rows suits the device.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if ratings and factors do not fit the device, [`Error::Device`] if it fails.
    pub fn new(gpu: Gpu, problem: Arc<Problem>, state: &State) -> Result<Self> {
        let rows = state.users.rows.len().max(state.items.rows.len());
        let shape = Shape::suited(&gpu, state.users.factors.columns(), rows);
        Self::with_shape(gpu, problem, state, shape)
    }

    /// As [`GpuEngine::new`], with a given layout of rows. A rating is packed into a word if possible.
    ///
    /// # Errors
    /// As [`GpuEngine::new`].
    pub fn with_shape(gpu: Gpu, problem: Arc<Problem>, state: &State, shape: Shape) -> Result<Self> {
        let shape = Shape { packed: problem.staged.codes.is_some(), ..shape };
        Ok(Self {
            sides: Sides::try_from_fn(|side| {
                Factors::upload(&gpu, side.name(), &state[side], shape.stride())
            })?,
            gpu,
            problem,
            shape,
            pipeline: None,
            sgd: None,
            normal: None,
            measured: Default::default(),
            losses: None,
            packing: None,
            commands: None,
            recorded: 0,
            clock: None,
        })
    }

    /// As [`GpuEngine::with_shape`], with a kernel of the caller that has the bindings of the stochastic
    /// gradient update.
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
        let mut this = Self::with_shape(gpu, problem, state, shape)?;
        this.pipeline = Some(pipeline.clone());
        Ok(this)
    }

    /// The layout of the rows of factors, in memory and over invocations.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether the ratings do not fit the device and are streamed to it. Known after the first sweep.
    pub fn streams(&self) -> bool {
        self.sgd.as_ref().is_some_and(sgd::Sweeps::streams)
            || self.normal.as_ref().is_some_and(normal::Sweeps::streams)
    }

    /// Lets the device time the following stochastic gradient sweeps, at most `slot` of them.
    ///
    /// # Errors
    /// [`Error::Device`] if the device has no clock.
    pub fn time_sweeps(&mut self, slot: usize) -> Result<()> {
        self.clock = Some(self.gpu.clock(slot)?);
        Ok(())
    }

    /// Completes all sweeps. Returns the seconds that each took on the device since the last call.
    ///
    /// # Errors
    /// If the device fails.
    pub fn sweep_seconds(&mut self) -> Result<Vec<f64>> {
        self.flush()?;
        self.clock.as_mut().map_or_else(|| Ok(Vec::new()), Clock::seconds)
    }

    fn flush(&mut self) -> Result<()> {
        self.recorded = 0;
        match self.commands.take() {
            Some(commands) => commands.submit().map(drop),
            None => Ok(()),
        }
    }

    /// Call this after factors or states were written by anything but a gradient sweep.
    fn written(&mut self) {
        if let Some(sgd) = &mut self.sgd {
            sgd.stale();
        }
    }

    fn buffers(&self) -> FactorBuffers<'_> {
        FactorBuffers {
            users: &self.sides.users.rows,
            items: &self.sides.items.rows,
            user_states: &self.sides.users.states,
            item_states: &self.sides.items.states,
        }
    }

    fn error_of(&self, set: Set, offset: f32) -> Result<SquaredError> {
        let ratings = self.problem.set(set);
        let values: Vec<f32> = ratings.values.iter().map(|value| value + offset).collect();
        let ratings = (&ratings.users[..], &ratings.items[..], &values[..]);
        SquaredError::new(&self.gpu, self.shape.stride(), self.buffers(), ratings)
    }

    /// The sweeps by normal equations, created on first use.
    fn normal(&mut self) -> Result<&mut normal::Sweeps> {
        self.flush()?;
        self.written();
        if self.problem.staged.stages() != 1 {
            return Err(Error::Bug(
                "an update that needs all ratings of a row at once, in several stages".into(),
            ));
        }
        let sweeps = if let Some(sweeps) = self.normal.take() {
            sweeps
        } else {
            normal::Sweeps::new(&self.gpu, &self.problem, self.shape.factors, &self.sides)?
        };
        Ok(self.normal.insert(sweeps))
    }

    /// The kernels that pack some rows, created on first use; `None` for rows that one binding does not cover.
    fn packing(&mut self, rows: &[u32]) -> Result<Option<Rc<packing::Packing>>> {
        let stride = self.shape.stride();
        let most = self.gpu.limits().max_storage_buffer_binding_size as usize / (stride * size_of::<f32>());
        let covered = super::covered(rows);
        // A binding begins before the first row.
        if covered.len() + ROW_STEP > most {
            return Ok(None);
        }
        if self.packing.is_none() {
            self.packing = Some(Rc::new(packing::Packing::new(&self.gpu, stride)?));
        }
        Ok(self.packing.clone())
    }

    fn sweep_sgd(&mut self, at: At, numbers: &Numbers) -> Result<()> {
        let mut sweeps = if let Some(sweeps) = self.sgd.take() {
            sweeps
        } else {
            let pipeline = self.pipeline.take().map_or_else(|| self.shape.pipeline(&self.gpu), Ok)?;
            sgd::Sweeps::new(&self.gpu, &self.problem, &self.sides, self.shape, pipeline)?
        };
        sweeps.write(at.side, numbers, || self.flush())?;
        let commands = self.commands.take().unwrap_or_else(|| self.gpu.commands("sweeps"));
        self.commands = Some(sweeps.record(commands, at, &self.sides, self.clock.as_mut())?);
        self.recorded += self.problem.staged.pieces(at).iter().map(Rows::count).sum::<usize>();
        self.sgd = Some(sweeps);
        if self.recorded >= SUBMISSION { self.flush() } else { Ok(()) }
    }
}

impl Engine for GpuEngine {
    fn device(&self) -> String {
        let description = self.gpu.description();
        format!("{} ({}, {})", description.name, description.backend, description.kind)
    }

    fn stages(&self) -> usize {
        self.problem.staged.stages()
    }

    fn sweep(&mut self, at: At, update: &Update) -> Result<()> {
        match update {
            Update::Sgd(numbers) => self.sweep_sgd(at, numbers),
            Update::Normal(numbers) => {
                self.normal()?;
                let Self { gpu, normal: Some(normal), sides, .. } = self else { return Ok(()) };
                normal.sweep(gpu, at.side, sides, numbers)
            }
        }
    }

    fn size(&self, side: Side) -> usize {
        self.sides[side].states.len()
    }

    fn read_rows(&mut self, side: Side, rows: Range<usize>) -> Result<SideState> {
        self.flush()?;
        self.sides[side].download(rows)
    }

    fn write_rows(&mut self, side: Side, first: usize, rows: &SideState) -> Result<()> {
        self.flush()?;
        self.written();
        self.sides[side].write(first, rows)
    }

    fn take_rows(&mut self, side: Side, rows: &[u32]) -> Result<SideState> {
        self.flush()?;
        if rows.is_empty() {
            return Ok(SideState::zeros(0, self.shape.factors));
        }
        match self.packing(rows)? {
            Some(packing) => packing.take(&self.gpu, &self.sides[side], rows),
            None => super::take_covered(self, side, rows),
        }
    }

    fn put_rows(&mut self, side: Side, rows: &[u32], new: &SideState) -> Result<()> {
        self.flush()?;
        self.written();
        if rows.is_empty() {
            return Ok(());
        }
        match self.packing(rows)? {
            Some(packing) => packing.put(&self.gpu, &self.sides[side], rows, new),
            None => super::put_covered(self, side, rows, new),
        }
    }

    fn row_states(&mut self, side: Side) -> Result<Vec<RowState>> {
        self.flush()?;
        self.gpu.check()?;
        self.sides[side].states()
    }

    fn set_row_states(&mut self, side: Side, states: &[RowState]) -> Result<()> {
        self.flush()?;
        self.written();
        self.sides[side].set_states(0, states)
    }

    fn loss_parts(&mut self) -> Result<Vec<f64>> {
        self.flush()?;
        let losses = match self.losses.take() {
            Some(losses) => losses,
            None => Losses::new(&self.gpu, &self.sides.users.states)?,
        };
        self.losses.insert(losses).parts()
    }

    fn moment_parts(&mut self, side: Side, vectors: Vectors) -> Result<MomentParts> {
        self.normal()?;
        let Self { gpu, normal: Some(normal), sides, .. } = self else {
            return Err(Error::Bug("no normal equations".into()));
        };
        normal.moment_parts(gpu, side, &sides[side], vectors)
    }

    fn make_implicit(&mut self, side: Side, numbers: &ImplicitNumbers) -> Result<()> {
        self.normal()?;
        let Self { gpu, normal: Some(normal), sides, .. } = self else { return Ok(()) };
        normal.make_implicit(gpu, side, sides.moving(side), numbers)
    }

    fn implicit(&mut self, side: Side) -> Result<Matrix> {
        self.flush()?;
        let stride = self.shape.stride();
        let own = self.sides[side].implicit.as_ref();
        let numbers = own.ok_or_else(|| Error::Bug("implicit features that were not computed".into()))?;
        Ok(unpad_rows(numbers.download()?, self.shape.factors, stride))
    }

    fn set_implicit(&mut self, side: Side, implicit: &Matrix) -> Result<()> {
        self.flush()?;
        let implicit = self.gpu.upload("implicit", &pad_rows(implicit, self.shape.stride()))?;
        self.sides[side].implicit = Some(implicit);
        Ok(())
    }

    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>> {
        self.flush()?;
        let error = match self.measured[set as usize].error.take() {
            Some((error, old)) if old.to_bits() == offset.to_bits() => error,
            _ => self.error_of(set, offset)?,
        };
        let (low, high) = self.problem.range;
        let parts = error.parts(Some((low + offset, high + offset)));
        self.measured[set as usize].error = Some((error, offset));
        // A device has the ratings in an order of its own, so each rank measures all, and keeps its part.
        let mut parts = parts?;
        let own = self.problem.share.slice(parts.len(), 1);
        Ok(parts.drain(own).collect())
    }

    fn predictions(&mut self, set: Set) -> Result<Vec<f32>> {
        self.flush()?;
        let predictions = if let Some(predictions) = self.measured[set as usize].predictions.take() {
            predictions
        } else {
            let ratings = self.problem.set(set);
            let own = self.problem.measured(set);
            let pairs = (&ratings.users[own.clone()], &ratings.items[own]);
            Predictions::new(&self.gpu, self.shape.stride(), self.buffers(), pairs)?
        };
        let now = predictions.now();
        self.measured[set as usize].predictions = Some(predictions);
        now
    }

    fn save(&mut self) -> Result<Saved> {
        self.flush()?;
        // Memory for the sweeps is allocated before any snapshot.
        let is_ready = self.sgd.is_some() || self.normal.is_some();
        if is_ready && let Some(snapshot) = Snapshot::of(&self.gpu, &self.sides)? {
            return Ok(Saved::Device(Arc::new(snapshot)));
        }
        self.state().map(Saved::Host)
    }

    fn go_back(&mut self, saved: &Saved) -> Result<()> {
        let Saved::Device(snapshot) = saved else { return self.restore(&*saved.state()?) };
        self.flush()?;
        self.written();
        snapshot.write_to(&self.gpu, &self.sides)
    }
}
