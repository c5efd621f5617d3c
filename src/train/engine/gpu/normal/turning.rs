//! The fixed side in the coordinates of a sweep, and the way back of the rows that were solved in them.

use crate::gpu::kernels::normal::Shape;
use crate::gpu::kernels::turn::{Params, width, workgroups};
use crate::gpu::operations::turn_pipeline;
use crate::gpu::{Buffer, Gpu, Params as Uniforms, Pipeline};
use crate::ratings::{Side, Sides};
use crate::train::engine::gpu::side::Factors;
use crate::train::row::normal::Axes;
use crate::{Error, Result};

/// What is needed once a sweep is turned.
struct Turned {
    there: Pipeline,
    back: Pipeline,
    /// On the way there and back.
    matrices: [Buffer<f32>; 2],
    /// All rows of a side, in the coordinates of the latest sweep over either side.
    rows: Sides<Buffer<f32>>,
    implicit: Sides<Option<Buffer<f32>>>,
    /// The numbers of all rows, and of those that are turned back.
    all: Sides<Buffer<u32>>,
    solved: Sides<Buffer<u32>>,
}

/// The turns of a problem.
pub(super) struct Turning {
    shape: Shape,
    /// The rows that are turned back.
    solved: Sides<Vec<u32>>,
    /// For rows there, implicit features there, and rows back.
    params: Uniforms<Params>,
    turned: Option<Turned>,
}

impl Turning {
    pub(super) fn new(gpu: &Gpu, shape: Shape, solved: Sides<Vec<u32>>) -> Result<Self> {
        let params = gpu.params("turns", &[Params::default(); 3])?;
        Ok(Self { shape, solved, params, turned: None })
    }

    /// Turns the rows of the side that is fixed in a sweep over `side`, and its implicit features. In the
    /// place of the bias its rows have `one`.
    pub(super) fn there(
        &mut self,
        gpu: &Gpu,
        side: Side,
        (sides, implicit): (&Sides<Factors>, Option<&Buffer<f32>>),
        (axes, one): (&Axes, f32),
    ) -> Result<()> {
        let (k, stride) = (self.shape.factors, self.shape.stride);
        let size = 4 * width(k);
        let fixed = &sides[side.other()];
        let turned = match self.turned.take() {
            Some(turned) => turned,
            None => Turned {
                there: turn_pipeline(gpu, k, stride, false)?,
                back: turn_pipeline(gpu, k, stride, true)?,
                matrices: [gpu.zeroed("turn", (k + 1) * size)?, gpu.zeroed("turn back", (k + 1) * size)?],
                rows: Sides::try_from_fn(|side| gpu.zeroed("turned rows", sides[side].states.len() * size))?,
                implicit: Sides::default(),
                all: Sides::try_from_fn(|side| {
                    gpu.upload("rows", &(0..sides[side].states.len() as u32).collect::<Vec<_>>())
                })?,
                solved: Sides::try_from_fn(|side| gpu.upload("turned rows", &self.solved[side]))?,
            },
        };
        let turned = self.turned.insert(turned);
        let other = side.other();
        let count = fixed.states.len();
        if implicit.is_some() && turned.implicit[other].is_none() {
            turned.implicit[other] = Some(gpu.zeroed("turned implicit features", count * size)?);
        }
        let x = axes.matrix(k);
        let (forth, back) =
            (|row, column| x.get(row, column) as f32, |row, column| x.get(column, row) as f32);
        turned.matrices[0].write(0, &self.shape.padded(forth))?;
        turned.matrices[1].write(0, &self.shape.padded(back))?;
        let solved = self.solved[side].len() as u32;
        self.params.write(&[
            Params { one, count: count as u32 },
            Params { one: 0.0, count: count as u32 },
            Params { one: 0.0, count: solved },
        ])?;
        let mut commands = gpu.commands("turn");
        let sources =
            [Some((&fixed.rows, &turned.rows[other])), implicit.zip(turned.implicit[other].as_ref())];
        for (n, (source, goal)) in sources.into_iter().enumerate().filter_map(|(n, pair)| Some((n, pair?))) {
            let bound = turned.there.bind(&[
                self.params.at(n),
                turned.all[other].all(),
                turned.matrices[0].all(),
                source.all(),
                goal.all(),
                fixed.states.all(),
            ])?;
            commands.dispatch(&bound, workgroups(k, count) as u32);
        }
        commands.submit().map(drop)
    }

    /// What a sweep over `side` reads and writes: the fixed rows, their implicit features, and the solved
    /// rows.
    pub(super) fn buffers(&self, side: Side) -> Result<(&Buffer<f32>, &Buffer<f32>, &Buffer<f32>)> {
        let turned = self.turned.as_ref().ok_or_else(|| Error::Bug("a sweep that was not turned".into()))?;
        let rows = &turned.rows[side.other()];
        Ok((rows, turned.implicit[side.other()].as_ref().unwrap_or(rows), &turned.rows[side]))
    }

    /// Turns the solved rows of `side` back.
    pub(super) fn back(&self, gpu: &Gpu, side: Side, own: &Factors) -> Result<()> {
        let turned = self.turned.as_ref().ok_or_else(|| Error::Bug("a sweep that was not turned".into()))?;
        let mut commands = gpu.commands("turn back");
        let bound = turned.back.bind(&[
            self.params.at(2),
            turned.solved[side].all(),
            turned.matrices[1].all(),
            turned.rows[side].all(),
            own.rows.all(),
            own.states.all(),
        ])?;
        commands.dispatch(&bound, workgroups(self.shape.factors, self.solved[side].len()) as u32);
        commands.submit().map(drop)
    }
}
