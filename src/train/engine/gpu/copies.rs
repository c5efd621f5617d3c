//! Copies of the rows that stochastic gradient sweeps read, in the form that the device reads fastest.

use super::side::Factors;
use crate::Result;
use crate::gpu::kernels::row_sgd::{Form, Shape};
use crate::gpu::{Bound, Buffer, Commands, Gpu, Pipeline, ROW_STEP, Resource, RowTexture};
use crate::ratings::{Side, Sides};
use std::ops::Range;

/// The copies that a kernel binds in addition to the rows.
pub(super) enum Copies {
    /// None: the kernel reads the rows themselves.
    None,
    /// Textures of the users of a stage and of the items. Both are copied again after their rows have
    /// changed.
    Textures { sides: Box<Sides<Textures>>, items_fresh: bool },
    /// Rows as f16. The sweeps keep them up to date.
    Halves { sides: Box<Sides<Halves>>, fresh: bool },
}

/// Rows and their states as textures.
pub(super) struct Textures {
    rows: RowTexture,
    states: RowTexture,
}

/// Rows as f16 and their biases, and the kernel that copies them.
pub(super) struct Halves {
    rows: Buffer<[u32; 2]>,
    biases: Buffer<f32>,
    quads: usize,
    round: Vec<(Bound, u32)>,
}

impl Textures {
    fn new(gpu: &Gpu, side: &str, rows: usize, shape: &Shape) -> Result<Self> {
        let format = RowTexture::NUMBERS;
        Ok(Self {
            rows: gpu.row_texture(&format!("{side} factors"), (rows, shape.held), format)?,
            states: gpu.row_texture(&format!("{side} states"), (rows, 1), format)?,
        })
    }

    fn copy(&self, commands: &mut Commands, from: &Factors, rows: Range<usize>) -> Result<()> {
        commands.copy_rows(&from.rows, rows.clone(), &self.rows)?;
        commands.copy_rows(&from.states, rows, &self.states)
    }

    fn resources(&self) -> [Resource<'_>; 2] {
        [&self.rows, &self.states].map(Resource::Texture)
    }
}

impl Halves {
    fn new(gpu: &Gpu, side: &str, of: &Factors, shape: &Shape, pipeline: &Pipeline) -> Result<Self> {
        let (count, quads) = (of.states.len(), shape.stride() / 4);
        let rows = gpu.output(&format!("{side} factors as f16"), count * quads)?;
        let biases = gpu.output(&format!("{side} biases"), count)?;
        let mut this = Self { rows, biases, quads, round: Vec::new() };
        let fit = gpu.limits().max_storage_buffer_binding_size as usize / (4 * of.stride);
        let piece = (fit / ROW_STEP * ROW_STEP).max(ROW_STEP);
        for first in (0..count).step_by(piece) {
            let rows = first..count.min(first + piece);
            let [numbers, states] = of.resources(&rows)?;
            let [halves, biases] = this.resources(&rows)?;
            let bound = pipeline.bind(&[numbers, states, halves, biases])?;
            this.round.push((bound, (rows.len() * quads).div_ceil(shape.workgroup) as u32));
        }
        Ok(this)
    }

    fn resources(&self, rows: &Range<usize>) -> Result<[Resource<'_>; 2]> {
        let halves = self.rows.slice(rows.start * self.quads..rows.end * self.quads)?;
        Ok([halves.into(), self.biases.slice(rows.clone())?.into()])
    }
}

impl Copies {
    /// Allocates the copies of both sides for kernels of this shape; no stage reads more than `most` users.
    pub(super) fn new(gpu: &Gpu, shape: &Shape, sides: &Sides<Factors>, most: usize) -> Result<Self> {
        Ok(match shape.form {
            Form::Single => Self::None,
            Form::Texture => {
                let rows = Sides { users: most, items: sides.items.states.len() };
                let sides = Sides::try_from_fn(|side| Textures::new(gpu, side.name(), rows[side], shape))?;
                Self::Textures { sides: Box::new(sides), items_fresh: false }
            }
            Form::Subgroup => {
                let pipeline = shape.halves_pipeline(gpu)?;
                let halves = |side: Side| Halves::new(gpu, side.name(), &sides[side], shape, &pipeline);
                Self::Halves { sides: Box::new(Sides::try_from_fn(halves)?), fresh: false }
            }
        })
    }

    /// The copies that a sweep binds when it reads these rows of a side.
    pub(super) fn resources(&self, side: Side, rows: &Range<usize>) -> Result<Option<[Resource<'_>; 2]>> {
        match self {
            Self::None => Ok(None),
            Self::Textures { sides, .. } => Ok(Some(sides[side].resources())),
            Self::Halves { sides, .. } => sides[side].resources(rows).map(Some),
        }
    }

    /// Marks the copies as outdated. Call this after rows were written by anything but a gradient sweep.
    pub(super) fn stale(&mut self) {
        match self {
            Self::None => {}
            Self::Textures { items_fresh: fresh, .. } | Self::Halves { fresh, .. } => *fresh = false,
        }
    }

    /// Records the copying that a sweep of `side` needs first, in a stage that reads these users.
    pub(super) fn before(
        &mut self,
        commands: &mut Commands,
        side: Side,
        factors: &Sides<Factors>,
        users_seen: Range<usize>,
    ) -> Result<()> {
        match self {
            Self::None => {}
            Self::Textures { sides, items_fresh } => {
                sides.users.copy(commands, &factors.users, users_seen)?;
                if !*items_fresh {
                    sides.items.copy(commands, &factors.items, 0..factors.items.states.len())?;
                }
                *items_fresh = side == Side::User;
            }
            Self::Halves { sides, fresh } => {
                if !*fresh {
                    for (bound, workgroups) in sides.iter().flat_map(|side| &side.round) {
                        commands.dispatch(bound, *workgroups);
                    }
                    *fresh = true;
                }
            }
        }
        Ok(())
    }
}
