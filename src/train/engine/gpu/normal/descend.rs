//! Sweeps that move each row by conjugate gradients.

use super::rated::{Cut, Rated};
use super::rounds::{Kind, Round};
use crate::gpu::kernels::{descend, normal};
use crate::gpu::{Buffer, BufferSlice, Commands, Gpu, Params as Uniforms, Pipeline};
use crate::ratings::{Side, Sides};
use crate::train::engine::gpu::side::Factors;
use crate::train::row::Target;
use crate::train::row::normal::Numbers;
use crate::{Error, Result};

/// The kernel that moves rows, and what it needs.
pub(super) struct Descend {
    shape: descend::Shape,
    row: Pipeline,
    params: Uniforms<descend::Params>,
    /// The shared equations.
    terms: Buffer<f32>,
    cuts: Sides<Cut>,
    /// The number of steps that the rounds were cut for.
    pub(super) steps: usize,
}

impl Descend {
    pub(super) fn new(gpu: &Gpu, rated: &Rated, shape: &normal::Shape, steps: usize) -> Result<Self> {
        let kind = Kind::Moved { steps };
        let cuts = Sides::try_from_fn(|side| rated.cut(gpu, side, (shape, kind), (usize::MAX, usize::MAX)))?;
        let shape = descend::Shape::new(shape.factors, shape.stride);
        Ok(Self {
            row: shape.pipeline(gpu)?,
            params: gpu.params("conjugate gradients", &[descend::Params::default()])?,
            terms: gpu.zeroed("shared equations", shape.terms_len())?,
            shape,
            cuts,
            steps,
        })
    }

    /// Moves all rows of a side. The work is submitted, not waited for.
    pub(super) fn sweep(
        &self,
        gpu: &Gpu,
        rated: &mut Rated,
        side: Side,
        sides: &Sides<Factors>,
        numbers: &Numbers,
    ) -> Result<()> {
        let is_plain = numbers.noise.is_none() && numbers.implicit_weight <= 0.0;
        if numbers.target != Target::Preference || !is_plain {
            return Err(Error::Bug("steps of conjugate gradients towards more than preferences".into()));
        }
        self.write(numbers)?;
        let (own, fixed, cut) = (&sides[side], &sides[side.other()], &self.cuts[side]);
        let record = |commands: &mut Commands, round: &Round, ratings: BufferSlice| {
            let entries = cut.entries.slice(round.entries.clone())?;
            let bound = self.row.bind(&[
                self.params.at(0),
                ratings,
                fixed.rows.all(),
                fixed.states.all(),
                entries,
                self.terms.all(),
                own.rows.all(),
                own.states.all(),
            ])?;
            commands.dispatch(&bound, round.entries.len() as u32);
            Ok(())
        };
        rated.walk(gpu, (side, cut), record).map(drop)
    }

    fn write(&self, numbers: &Numbers) -> Result<()> {
        self.params.write(&[descend::Params {
            rating_weight: numbers.precision,
            power: numbers.power,
            steps: self.steps as u32,
            measure: numbers.measure.into(),
        }])?;
        let (prior, shared) = (&numbers.prior, &numbers.shared);
        let diagonal: Vec<f32> = (0..self.shape.factors()).map(|n| prior.matrix.row(n)[n]).collect();
        let vectors = [&shared.pull[..], &diagonal, &prior.pull];
        self.terms.write(0, &self.shape.terms(|row| shared.matrix.row(row), vectors))
    }
}
