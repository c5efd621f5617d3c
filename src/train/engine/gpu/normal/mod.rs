//! Sweeps by normal equations on the GPU.

mod list;
mod rated;
mod rounds;

use super::ring::Ring;
use super::side::Factors;
use crate::gpu::kernels::normal::{self, Params, Rating, Shape};
use crate::gpu::kernels::row_sgd::State as DeviceState;
use crate::gpu::operations::implicit_pipeline;
use crate::gpu::{Buffer, Commands, Gpu, Params as Uniforms, Pipeline, Submission};
use crate::ratings::{At, Side, Sides};
use crate::train::engine::{MomentParts, Vectors};
use crate::train::problem::Problem;
use crate::train::row::Target;
use crate::train::row::normal::{ImplicitNumbers, Numbers};
use crate::{Error, Result};
use list::List;
use rated::Rated;
use rounds::{MOST_PARTS, STEP, SUBMISSION};
use std::sync::Arc;

/// The limit of the buffer of parts, and of that of triangles in device memory, in bytes. A device may bind
/// less.
const SCRATCH: usize = 256 << 20;

/// All sweeps of a problem.
pub(super) struct Sweeps {
    problem: Arc<Problem>,
    shape: Shape,
    part: Pipeline,
    row: Pipeline,
    implicit: Option<Pipeline>,
    params: Uniforms<Params>,
    beliefs: Buffer<f32>,
    parts: Buffer<f32>,
    /// The buffer of triangles, if they do not fit workgroup memory.
    scratch: Option<Buffer<f32>>,
    rated: Sides<Rated>,
    lists: Sides<List>,
    /// The ring that ratings are streamed through, if they do not stay on the device.
    ring: Option<Ring<Buffer<Rating>>>,
}

impl Sweeps {
    pub(super) fn new(
        gpu: &Gpu,
        problem: &Arc<Problem>,
        factors: usize,
        sides: &Sides<Factors>,
    ) -> Result<Self> {
        match Self::with_ring(gpu, problem, (factors, sides), None) {
            Err(Error::TooLarge(_)) => {}
            other => return other,
        }
        let rows = problem.staged.all_rows();
        let lengths = rows.flat_map(|rows| (0..rows.len()).map(|n| rows.span(n).len()));
        let longest = lengths.max().unwrap_or(0) + STEP;
        let ring = Ring::new(gpu, (longest, problem.staged.ratings), |size| gpu.zeroed("ratings", size))?;
        Self::with_ring(gpu, problem, (factors, sides), Some(ring))
    }

    /// Creates the sweeps. Ratings stay on the device, or are streamed through `ring` if there is one.
    fn with_ring(
        gpu: &Gpu,
        problem: &Arc<Problem>,
        (factors, sides): (usize, &Sides<Factors>),
        ring: Option<Ring<Buffer<Rating>>>,
    ) -> Result<Self> {
        let shape = Shape::new(factors, sides.users.stride);
        let fits = shape.fits(gpu);
        let part = shape.pipeline(gpu, &normal::PART)?;
        let row = shape.pipeline(gpu, if fits { &normal::WORKGROUP } else { &normal::SCRATCH })?;
        let binding = gpu.limits().max_storage_buffer_binding_size as usize;
        let share = gpu.options().memory_limit.map_or(SCRATCH, |limit| limit as usize / 8);
        let slot = SCRATCH.min(binding).min(share);
        let slots = (slot / (16 * shape.part())).max(MOST_PARTS);
        let rows = if fits { usize::MAX } else { (slot / (16 * shape.equations())).max(STEP) };
        let ratings = ring.as_ref().map_or(binding / size_of::<Rating>(), |ring| ring.size) - STEP;
        let rated = Sides::try_from_fn(|side| {
            let own = (problem.staged.rows(At { stage: 0, side }), &problem.staged.activity[side][..]);
            let counts = (sides[side].states.len(), sides[side.other()].states.len());
            Rated::upload(gpu, own, counts, &shape, (slots, rows, ratings), ring.is_none())
        })?;
        let lists = Sides::try_from_fn(|side| List::upload(gpu, problem, side))?;
        let rounds = || rated.iter().flat_map(|side| &side.rounds);
        let most_parts = rounds().map(|round| round.segments.len()).max().unwrap_or(0);
        let most_parts = lists.iter().map(|list| list.segments.len()).chain([most_parts]).max().unwrap_or(0);
        let most_rows = rounds().map(|round| round.entries.len()).max().unwrap_or(0);
        let scratch = (!fits).then(|| gpu.output("triangles", 4 * shape.equations() * most_rows));
        Ok(Self {
            part,
            row,
            implicit: None,
            params: gpu.params("normal equations", &[Params::default(); 4])?,
            beliefs: gpu.zeroed("beliefs", 8 * shape.equations())?,
            parts: gpu.output("parts", 4 * shape.part() * most_parts)?,
            scratch: scratch.transpose()?,
            shape,
            rated,
            lists,
            ring,
            problem: Arc::clone(problem),
        })
    }

    /// Whether ratings are streamed through a ring.
    pub(super) fn streams(&self) -> bool {
        self.ring.is_some()
    }

    /// Updates all rows of a side. The work is submitted, not waited for.
    pub(super) fn sweep(
        &mut self,
        gpu: &Gpu,
        side: Side,
        sides: &Sides<Factors>,
        numbers: &Numbers,
    ) -> Result<()> {
        let (own, fixed) = (&sides[side], &sides[side.other()]);
        let rows = self.problem.staged.rows(At { stage: 0, side });
        self.write(side, numbers)?;
        let rated = &self.rated[side];
        let Rated { entries, segments, rounds, .. } = rated;
        let implicit = if numbers.implicit_weight > 0.0 {
            fixed
                .implicit
                .as_ref()
                .ok_or_else(|| Error::Bug("a sweep by implicit that were not computed".into()))?
        } else {
            &fixed.rows
        };
        let mut commands = gpu.commands("normal equations");
        let mut work = 0;
        for round in rounds {
            let ratings = rated.show(rows, round, self.ring.as_mut())?;
            let sums =
                [self.params.at(side.index()), ratings, fixed.rows.all(), fixed.states.all(), implicit.all()];
            if !round.segments.is_empty() {
                let segments = segments.slice(round.segments.clone())?;
                let bound = self.part.bind(&[&sums[..], &[segments, self.parts.all()]].concat())?;
                commands.dispatch(&bound, round.segments.len() as u32);
            }
            let entries = entries.slice(round.entries.clone())?;
            let row = [entries, self.parts.all(), self.beliefs.all(), own.rows.all(), own.states.all()];
            let scratch: Vec<_> = self.scratch.iter().map(Buffer::all).collect();
            let bound = self.row.bind(&[&sums[..], &row, &scratch].concat())?;
            commands.dispatch(&bound, round.entries.len() as u32);
            work += round.work;
            if let Some(ring) = &mut self.ring {
                ring.runs(submit(gpu, &mut commands)?);
            } else if work >= SUBMISSION {
                let _ = submit(gpu, &mut commands)?;
                work = 0;
            }
        }
        let _ = commands.submit()?;
        Ok(())
    }

    fn write(&self, side: Side, numbers: &Numbers) -> Result<()> {
        let key = numbers.noise.map_or([0; 2], |noise| noise.key);
        let params = Params {
            rating_weight: numbers.precision,
            power: numbers.power,
            implicit_weight: numbers.implicit_weight,
            plain: match numbers.target {
                Target::Value => 0,
                Target::Preference => 3,
            },
            measure: numbers.measure.into(),
            noise: numbers.noise.is_some().into(),
            key_low: key[0],
            key_high: key[1],
            draw: numbers.noise.map_or(0, |noise| noise.draw),
            side: numbers.noise.map_or(0, |noise| noise.side),
        };
        let mut all = [params; 4];
        // The parameters of moments: the third has rows of weight 1, the fourth also a bias of 0.
        all[2] = Params { plain: 1, ..Params::default() };
        all[3] = Params { plain: 2, ..Params::default() };
        all[side.other().index()] = Params::default();
        self.params.write(&all)?;
        let behind = self.shape.factors + 1;
        for (place, belief) in [&numbers.prior, &numbers.shared].into_iter().enumerate() {
            let entry = |row: usize, column: usize| {
                if column == behind { belief.pull[row] } else { belief.matrix.row(row)[column] }
            };
            self.beliefs.write(place * 4 * self.shape.equations(), &self.shape.tiled(entry))?;
        }
        Ok(())
    }

    /// Partial sums over the rows of a side that have ratings.
    pub(super) fn moment_parts(
        &self,
        gpu: &Gpu,
        side: Side,
        own: &Factors,
        vectors: Vectors,
    ) -> Result<MomentParts> {
        let list = &self.lists[side];
        let plain = [1, 2].map(|plain| Params { plain, ..Params::default() });
        self.params.write(&[Params::default(), Params::default(), plain[0], plain[1]])?;
        let (params, rows) = match vectors {
            Vectors::Factors => (2, Some(&own.rows)),
            Vectors::Implicit => (3, own.implicit.as_ref()),
        };
        let rows = rows.ok_or_else(|| Error::Bug("moments of implicit that were not computed".into()))?;
        let List { ratings, segments } = list;
        let bound = self.part.bind(&[
            self.params.at(params),
            ratings.all(),
            rows.all(),
            own.states.all(),
            rows.all(),
            segments.slice(..)?,
            self.parts.all(),
        ])?;
        let mut commands = gpu.commands("moments");
        commands.dispatch(&bound, segments.len() as u32);
        let _ = commands.submit()?;
        let size = 4 * self.shape.part();
        let parts = self.parts.download_range(..segments.len() * size)?;
        // The values of a list have the sign of a rating: minus the bias, or minus the share.
        let mut sums = MomentParts::new(self.shape.factors);
        for part in parts.chunks_exact(size) {
            sums.push(|row, column| part[self.shape.place(row, column)]);
        }
        Ok(sums)
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
        if self.implicit.is_none() {
            self.implicit = Some(implicit_pipeline(gpu, factors, stride)?);
        }
        if own.implicit.is_none() {
            own.implicit = Some(gpu.zeroed("implicit", own.rows.len())?);
        }
        let mut padded = vec![0.0; (factors + 1) * stride];
        for (row, padded) in padded.chunks_exact_mut(stride).enumerate() {
            let row = if row < factors { numbers.matrix.row(row) } else { &numbers.mean };
            padded[..factors].copy_from_slice(row);
        }
        let padded = gpu.upload("implicit numbers", &padded)?;
        let rows = self.problem.staged.rows(At { stage: 0, side });
        let rated = &self.rated[side];
        let mut commands = gpu.commands("implicit");
        if let (Some(pipeline), Some(implicit)) = (&self.implicit, &own.implicit) {
            for round in &rated.rounds {
                let entries = rated.entries.slice(round.entries.clone())?;
                let ratings = rated.show(rows, round, self.ring.as_mut())?;
                let bound =
                    pipeline.bind(&[entries, ratings, fixed.rows.all(), padded.all(), implicit.all()])?;
                commands.dispatch(&bound, round.entries.len() as u32);
                if let Some(ring) = &mut self.ring {
                    ring.runs(submit(gpu, &mut commands)?);
                }
            }
        }
        // The buffers that were uploaded for the kernel are freed here, so wait until it has run.
        commands.submit()?.wait()
    }
}

/// Submits the recorded commands and begins new ones.
fn submit(gpu: &Gpu, commands: &mut Commands) -> Result<Submission> {
    std::mem::replace(commands, gpu.commands("normal equations")).submit()
}

const _: () = assert!(size_of::<DeviceState>() == 16, "a state is a vector");
