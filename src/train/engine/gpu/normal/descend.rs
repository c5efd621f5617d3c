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
    /// For the rows whose lengths are kept.
    pub(super) fn new(
        gpu: &Gpu,
        rated: &Rated,
        keep: &dyn Fn(usize) -> bool,
        shape: &normal::Shape,
        steps: usize,
    ) -> Result<Self> {
        let kind = (shape, Kind::Moved { steps });
        let cuts = Sides::try_from_fn(|side| rated.cut(gpu, (side, keep), kind, (usize::MAX, usize::MAX)))?;
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

    /// Moves rows of a side. The work is submitted, not waited for.
    pub(super) fn sweep(
        &self,
        gpu: &Gpu,
        rated: &mut Rated,
        side: Side,
        sides: &Sides<Factors>,
        numbers: &Numbers,
    ) -> Result<()> {
        if numbers.noise.is_some() {
            return Err(Error::Bug("steps of conjugate gradients towards a draw".into()));
        }
        self.write(numbers)?;
        let (own, fixed, cut) = (&sides[side], &sides[side.other()], &self.cuts[side]);
        let implicit = fixed.implicit_of(numbers)?;
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
                implicit.all(),
            ])?;
            commands.dispatch(&bound, round.entries.len() as u32);
            Ok(())
        };
        rated.walk(gpu, (side, cut), record).map(drop)
    }

    fn write(&self, numbers: &Numbers) -> Result<()> {
        let k = self.shape.factors();
        let (prior, shared) = (&numbers.prior, &numbers.shared);
        let is_dense = (0..k).any(|row| shared.matrix.row(row)[..k].iter().any(|&entry| entry != 0.0));
        self.params.write(&[descend::Params {
            rating_weight: numbers.precision,
            power: numbers.power,
            steps: self.steps as u32,
            measure: numbers.measure.into(),
            implicit_weight: numbers.implicit_weight,
            preferences: (numbers.target == Target::Preference).into(),
            dense: is_dense.into(),
        }])?;
        let diagonal: Vec<f32> = (0..k).map(|n| prior.matrix.row(n)[n]).collect();
        let vectors = [&shared.pull[..], &diagonal, &prior.pull];
        let bias = [shared.matrix.row(k)[k], shared.pull[k], prior.matrix.row(k)[k], prior.pull[k]];
        self.terms.write(0, &self.shape.terms(|row| shared.matrix.row(row), vectors, bias))
    }
}
