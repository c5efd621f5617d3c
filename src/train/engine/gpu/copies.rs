//! The rows that stochastic gradient sweeps read, once more in the form in which the device reads them best.

use super::side::{Factors, ROW_STEP};
use crate::Result;
use crate::gpu::kernels::row_sgd::{Form, HALVES, Shape};
use crate::gpu::{Bound, Buffer, Commands, Gpu, Pipeline, Resource, RowTexture};
use crate::ratings::Side;
use std::ops::Range;

/// What a kernel binds beside the rows themselves.
pub(super) enum Copies {
    /// Nothing: it reads the rows.
    None,
    /// Textures of the users of a stage, and of the items; both are copied when rows have moved.
    Textures { sides: Box<[Textures; 2]>, items_fresh: bool },
    /// Rows as f16, which the sweeps keep up to date.
    Halves { sides: Box<[Halves; 2]>, fresh: bool },
}

/// Rows and their states as textures.
pub(super) struct Textures {
    rows: RowTexture,
    states: RowTexture,
}

/// Rows as f16 and their biases, and what makes them so.
pub(super) struct Halves {
    rows: Buffer<[u32; 2]>,
    biases: Buffer<f32>,
    quads: usize,
    round: Vec<(Bound, u32)>,
}

/// Rows and what belongs to them.
type Pair<'a> = Option<[Resource<'a>; 2]>;

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
    /// Room for copies of `users` and `items`, as a kernel of this shape reads them; no stage sees more than `most` users.
    pub(super) fn new(
        gpu: &Gpu,
        shape: &Shape,
        (users, items): (&Factors, &Factors),
        most: usize,
    ) -> Result<Self> {
        Ok(match shape.form {
            Form::Single => Self::None,
            Form::Texture => {
                let users = Textures::new(gpu, "user", most, shape)?;
                let sides = [users, Textures::new(gpu, "item", items.states.len(), shape)?];
                Self::Textures { sides: Box::new(sides), items_fresh: false }
            }
            Form::Subgroup => {
                let pipeline = HALVES.pipeline(gpu, &shape.halves_constants())?;
                let users = Halves::new(gpu, "user", users, shape, &pipeline)?;
                let items = Halves::new(gpu, "item", items, shape, &pipeline)?;
                Self::Halves { sides: Box::new([users, items]), fresh: false }
            }
        })
    }

    /// What a sweep of `side` binds of the still side's copies, and of its own.
    pub(super) fn resources(
        &self,
        side: Side,
        own: &Range<usize>,
        still: &Range<usize>,
    ) -> Result<(Pair<'_>, Pair<'_>)> {
        let own_place = usize::from(side == Side::Item);
        Ok(match self {
            Self::None => (None, None),
            Self::Textures { sides, .. } => {
                (Some(sides[1 - own_place].resources()), Some(sides[own_place].resources()))
            }
            Self::Halves { sides, .. } => {
                (Some(sides[1 - own_place].resources(still)?), Some(sides[own_place].resources(own)?))
            }
        })
    }

    /// To be called when rows were written to, but for sweeps by gradient steps.
    pub(super) fn stale(&mut self) {
        match self {
            Self::None => {}
            Self::Textures { items_fresh: fresh, .. } | Self::Halves { fresh, .. } => *fresh = false,
        }
    }

    /// Records what must be done before a sweep of `side` in a stage that sees these users.
    pub(super) fn before(
        &mut self,
        commands: &mut Commands,
        side: Side,
        (users, seen): (&Factors, &Range<usize>),
        items: &Factors,
    ) -> Result<()> {
        match self {
            Self::None => {}
            Self::Textures { sides, items_fresh } => {
                let [user_textures, item_textures] = &**sides;
                user_textures.copy(commands, users, seen.clone())?;
                if !*items_fresh {
                    item_textures.copy(commands, items, 0..items.states.len())?;
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
