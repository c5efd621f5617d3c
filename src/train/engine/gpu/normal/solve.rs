//! Sweeps that solve the equations of each row.

use super::rated::{Cut, Rated};
use super::rounds::{Kind, MOST_PARTS, Round, STEP};
use crate::gpu::kernels::normal::{self, Params, Shape};
use crate::gpu::{Buffer, BufferSlice, Commands, Gpu, Params as Uniforms, Pipeline};
use crate::ratings::{Side, Sides};
use crate::train::engine::gpu::side::Factors;
use crate::train::row::Target;
use crate::train::row::normal::Numbers;
use crate::{Error, Result};

/// The kernels that solve, and what they need.
pub(super) struct Solve {
    shape: Shape,
    part: Pipeline,
    row: Pipeline,
    params: Uniforms<Params>,
    beliefs: Buffer<f32>,
    parts: Buffer<f32>,
    /// The buffer of triangles, if they do not fit workgroup memory.
    scratch: Option<Buffer<f32>>,
    pub(super) cuts: Sides<Cut>,
}

impl Solve {
    /// The buffer of parts and that of triangles take about `slot` bytes each.
    pub(super) fn new(gpu: &Gpu, part: &Pipeline, rated: &Rated, shape: Shape, slot: usize) -> Result<Self> {
        let fits = shape.fits(gpu);
        let row = shape.pipeline(gpu, if fits { &normal::WORKGROUP } else { &normal::SCRATCH })?;
        let slots = (slot / (16 * shape.part())).max(MOST_PARTS);
        let rows = if fits { usize::MAX } else { (slot / (16 * shape.equations())).max(STEP) };
        let cuts = Sides::try_from_fn(|side| rated.cut(gpu, side, (&shape, Kind::Solved), (slots, rows)))?;
        let most = |count: fn(&Round) -> usize| {
            cuts.iter().flat_map(|cut| &cut.rounds).map(count).max().unwrap_or(0)
        };
        let (most_parts, most_rows) = (most(|round| round.segments.len()), most(|round| round.entries.len()));
        let scratch = (!fits).then(|| gpu.output("triangles", 4 * shape.equations() * most_rows));
        Ok(Self {
            part: part.clone(),
            row,
            params: gpu.params("normal equations", &[Params::default()])?,
            beliefs: gpu.zeroed("beliefs", 8 * shape.equations())?,
            parts: gpu.output("parts", 4 * shape.part() * most_parts)?,
            scratch: scratch.transpose()?,
            shape,
            cuts,
        })
    }

    /// Updates all rows of a side. The work is submitted, not waited for.
    pub(super) fn sweep(
        &self,
        gpu: &Gpu,
        rated: &mut Rated,
        side: Side,
        sides: &Sides<Factors>,
        numbers: &Numbers,
    ) -> Result<()> {
        self.write(numbers)?;
        let (own, fixed, cut) = (&sides[side], &sides[side.other()], &self.cuts[side]);
        let implicit = if numbers.implicit_weight > 0.0 {
            fixed
                .implicit
                .as_ref()
                .ok_or_else(|| Error::Bug("a sweep by implicit that were not computed".into()))?
        } else {
            &fixed.rows
        };
        let record = |commands: &mut Commands, round: &Round, ratings: BufferSlice| {
            let sums = [self.params.at(0), ratings, fixed.rows.all(), fixed.states.all(), implicit.all()];
            if !round.segments.is_empty() {
                let segments = cut.segments.slice(round.segments.clone())?;
                let bound = self.part.bind(&[&sums[..], &[segments, self.parts.all()]].concat())?;
                commands.dispatch(&bound, round.segments.len() as u32);
            }
            let entries = cut.entries.slice(round.entries.clone())?;
            let row = [entries, self.parts.all(), self.beliefs.all(), own.rows.all(), own.states.all()];
            let scratch: Vec<_> = self.scratch.iter().map(Buffer::all).collect();
            let bound = self.row.bind(&[&sums[..], &row, &scratch].concat())?;
            commands.dispatch(&bound, round.entries.len() as u32);
            Ok(())
        };
        rated.walk(gpu, (side, cut), record).map(drop)
    }

    fn write(&self, numbers: &Numbers) -> Result<()> {
        let key = numbers.noise.map_or([0; 2], |noise| noise.key);
        self.params.write(&[Params {
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
        }])?;
        let behind = self.shape.factors + 1;
        for (place, belief) in [&numbers.prior, &numbers.shared].into_iter().enumerate() {
            let entry = |row: usize, column: usize| {
                if column == behind { belief.pull[row] } else { belief.matrix.row(row)[column] }
            };
            self.beliefs.write(place * 4 * self.shape.equations(), &self.shape.tiled(entry))?;
        }
        Ok(())
    }
}
