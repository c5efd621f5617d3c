//! Sweeps by normal equations on the GPU.

mod descend;
mod moments;
mod rated;
mod rounds;
mod short;
mod solve;
mod turning;

use super::side::Factors;
use crate::gpu::kernels::normal::Shape;
use crate::gpu::kernels::row_sgd::State as DeviceState;
use crate::gpu::operations::implicit_pipeline;
use crate::gpu::{BufferSlice, Commands, Gpu, Pipeline};
use crate::ratings::{Side, Sides};
use crate::train::engine::{MomentParts, Vectors};
use crate::train::problem::Problem;
use crate::train::row::normal::{Axes, Form, Forms, ImplicitNumbers, Numbers};
use crate::{Error, Result};
use descend::Descend;
use moments::Moments;
use rated::{Cut, Rated};
use rounds::{Kind, Round};
use short::{Short, most_ratings};
use solve::{Solve, Which};
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
    /// These are created on first use. Sweeps over rows of other forms than before create theirs anew.
    forms: Option<(Forms, usize)>,
    solve: Option<Solve>,
    short: Option<Short>,
    descend: Option<Descend>,
    implicit: Option<(Pipeline, Sides<Cut>)>,
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
        let (forms, solve, short, descend, implicit) = (None, None, None, None, None);
        Ok(Self { shape, slot, rated, moments, forms, solve, short, descend, implicit })
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
        let kind = (numbers.forms, numbers.steps);
        if self.forms != Some(kind) {
            (self.solve, self.short, self.descend) = (None, None, None);
            self.forms = Some(kind);
        }
        let forms = numbers.forms;
        let most = most_ratings(gpu);
        let is_short = move |length: usize| forms.form(length) == Form::Short && length <= most;
        let is_stepping = |length: usize| forms.form(length) == Form::Steps;
        let is_long = |length: usize| !is_short(length) && !is_stepping(length);
        let any = |keep: &dyn Fn(usize) -> bool| !self.rated.rows(side, keep).is_empty();
        let (shorts, longs, steps) = (any(&is_short), any(&is_long), any(&is_stepping));
        if steps {
            let descend = match self.descend.take() {
                Some(descend) => descend,
                None => self.created(gpu, |this| {
                    Descend::new(gpu, &this.rated, &is_stepping, &this.shape, numbers.steps)
                })?,
            };
            self.descend.insert(descend).sweep(gpu, &mut self.rated, side, sides, numbers)?;
        }
        if !shorts && !longs {
            return Ok(());
        }
        let axes =
            (shorts || numbers.noise.is_some()).then(|| Axes::of(numbers, self.shape.factors)).flatten();
        let solve = match self.solve.take() {
            Some(solve) => solve,
            None => self.created(gpu, |this| {
                let rated = (&this.rated, this.shape, this.slot);
                Solve::new(gpu, this.moments.part(), rated, [&is_long, &is_short])
            })?,
        };
        solve.write(numbers, forms.longest_short(), axes.as_ref())?;
        self.solve = Some(solve);
        if let Some(axes) = axes.as_ref().filter(|_| shorts) {
            let short = match self.short.take() {
                Some(short) => short,
                None => self.created(gpu, |this| Short::new(gpu, &this.rated, &is_short, this.shape))?,
            };
            let short = self.short.insert(short);
            short.sweep(gpu, &mut self.rated, side, sides, (numbers, axes))?;
        }
        let left = if axes.is_some() { Which::Left } else { Which::Short };
        for (which, _) in [(left, shorts), (Which::Long, longs)].into_iter().filter(|(_, any)| *any) {
            if let Some(solve) = &self.solve {
                solve.sweep(gpu, &mut self.rated, (side, which), sides, numbers)?;
            }
        }
        Ok(())
    }

    /// Creates what a sweep needs. If it does not fit next to the ratings, they are streamed from now on.
    fn created<T>(&mut self, gpu: &Gpu, create: impl Fn(&Self) -> Result<T>) -> Result<T> {
        match create(self) {
            Err(Error::TooLarge(_)) if !self.rated.streams() => {
                // Their rounds were cut for other ratings.
                (self.solve, self.short, self.descend, self.implicit) = (None, None, None, None);
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
        let (factors, stride) = (self.shape.factors, self.shape.stride);
        let made = match self.implicit.take() {
            Some(made) => made,
            None => self.created(gpu, |this| {
                let kind = (&this.shape, Kind::Solved);
                // Nothing is summed in parts here, so any number of them fits.
                let most = (usize::MAX, usize::MAX);
                let cuts = Sides::try_from_fn(|side| this.rated.cut(gpu, (side, &|_| true), kind, most))?;
                Ok((implicit_pipeline(gpu, factors, stride)?, cuts))
            })?,
        };
        let (pipeline, cuts) = self.implicit.insert(made);
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
        let cut = &cuts[side];
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
