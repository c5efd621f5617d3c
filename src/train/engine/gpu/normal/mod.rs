//! Sweeps by normal equations on the GPU.

mod descend;
mod moments;
mod rated;
mod rounds;
mod solve;

use super::side::Factors;
use crate::gpu::kernels::normal::Shape;
use crate::gpu::kernels::row_sgd::State as DeviceState;
use crate::gpu::operations::implicit_pipeline;
use crate::gpu::{BufferSlice, Commands, Gpu, Pipeline};
use crate::ratings::{Side, Sides};
use crate::train::engine::{MomentParts, Vectors};
use crate::train::problem::Problem;
use crate::train::row::normal::{ImplicitNumbers, Numbers};
use crate::{Error, Result};
use descend::Descend;
use moments::Moments;
use rated::Rated;
use rounds::Round;
use solve::Solve;
use std::sync::Arc;

/// The limit of the buffer of parts, and of that of triangles in device memory, in bytes. A device may bind
/// less.
const SCRATCH: usize = 256 << 20;

/// All sweeps of a problem.
pub(super) struct Sweeps {
    shape: Shape,
    slot: usize,
    rated: Rated,
    moments: Moments,
    /// These are created on first use.
    solve: Option<Solve>,
    descend: Option<Descend>,
    implicit: Option<Pipeline>,
}

impl Sweeps {
    pub(super) fn new(
        gpu: &Gpu,
        problem: &Arc<Problem>,
        factors: usize,
        sides: &Sides<Factors>,
    ) -> Result<Self> {
        let shape = Shape::new(factors, sides.users.stride);
        let binding = gpu.limits().max_storage_buffer_binding_size as usize;
        let share = gpu.options().memory_limit.map_or(SCRATCH, |limit| limit as usize / 8);
        let slot = SCRATCH.min(binding).min(share);
        let sizes = Sides { users: sides.users.states.len(), items: sides.items.states.len() };
        // They take less than the ratings, which see how much memory is left.
        let moments = Moments::new(gpu, problem, shape, slot)?;
        let rated = Rated::new(gpu, problem, &sizes)?;
        Ok(Self { shape, slot, rated, moments, solve: None, descend: None, implicit: None })
    }

    /// Whether ratings are streamed.
    pub(super) fn streams(&self) -> bool {
        self.rated.streams()
    }

    /// Updates all rows of a side. The work is submitted, not waited for.
    pub(super) fn sweep(
        &mut self,
        gpu: &Gpu,
        side: Side,
        sides: &Sides<Factors>,
        numbers: &Numbers,
    ) -> Result<()> {
        if let Some(steps) = numbers.steps {
            let descend = match self.descend.take() {
                Some(descend) if descend.steps == steps => descend,
                _ => self.created(gpu, |this| Descend::new(gpu, &this.rated, &this.shape, steps))?,
            };
            self.descend.insert(descend).sweep(gpu, &mut self.rated, side, sides, numbers)
        } else {
            let solve = self.solve(gpu)?;
            self.solve.insert(solve).sweep(gpu, &mut self.rated, side, sides, numbers)
        }
    }

    /// What solves for rows, taken out of its place.
    fn solve(&mut self, gpu: &Gpu) -> Result<Solve> {
        match self.solve.take() {
            Some(solve) => Ok(solve),
            None => self.created(gpu, |this| {
                Solve::new(gpu, this.moments.part(), &this.rated, this.shape, this.slot)
            }),
        }
    }

    /// Creates what a sweep needs. If it does not fit next to the ratings, they are streamed from now on.
    fn created<T>(&mut self, gpu: &Gpu, create: impl Fn(&Self) -> Result<T>) -> Result<T> {
        match create(self) {
            Err(Error::TooLarge(_)) if !self.rated.streams() => {
                // Their rounds were cut for other ratings.
                (self.solve, self.descend) = (None, None);
                self.rated.stream(gpu)?;
                create(self)
            }
            other => other,
        }
    }

    /// Partial sums over the rows of a side that have ratings.
    pub(super) fn moment_parts(
        &self,
        gpu: &Gpu,
        side: Side,
        own: &Factors,
        vectors: Vectors,
    ) -> Result<MomentParts> {
        self.moments.parts(gpu, side, own, vectors)
    }

    /// Computes the implicit features of a side.
    pub(super) fn make_implicit(
        &mut self,
        gpu: &Gpu,
        side: Side,
        (own, fixed): (&mut Factors, &Factors),
        numbers: &ImplicitNumbers,
    ) -> Result<()> {
        let solve = self.solve(gpu)?;
        let (factors, stride) = (self.shape.factors, self.shape.stride);
        let pipeline = match self.implicit.take() {
            Some(pipeline) => pipeline,
            None => implicit_pipeline(gpu, factors, stride)?,
        };
        let pipeline = self.implicit.insert(pipeline);
        let implicit = match own.implicit.take() {
            Some(implicit) => implicit,
            None => gpu.zeroed("implicit", own.rows.len())?,
        };
        let implicit = own.implicit.insert(implicit);
        let mut padded = vec![0.0; (factors + 1) * stride];
        for (row, padded) in padded.chunks_exact_mut(stride).enumerate() {
            let row = if row < factors { numbers.matrix.row(row) } else { &numbers.mean };
            padded[..factors].copy_from_slice(row);
        }
        let padded = gpu.upload("implicit numbers", &padded)?;
        let cut = &self.solve.insert(solve).cuts[side];
        let record = |commands: &mut Commands, round: &Round, ratings: BufferSlice| {
            let entries = cut.entries.slice(round.entries.clone())?;
            let bound = pipeline.bind(&[entries, ratings, fixed.rows.all(), padded.all(), implicit.all()])?;
            commands.dispatch(&bound, round.entries.len() as u32);
            Ok(())
        };
        // The buffers that were uploaded for the kernel are freed here, so wait until it has run.
        self.rated.walk(gpu, (side, cut), record)?.wait()
    }
}

const _: () = assert!(size_of::<DeviceState>() == 16, "a state is a vector");
