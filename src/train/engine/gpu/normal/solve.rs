//! Sweeps that solve the equations of each row.

use super::rated::{Cut, Rated};
use super::rounds::{Kind, MOST_PARTS, Round};
use crate::gpu::kernels::normal::{self, Params, Shape};
use crate::gpu::{Buffer, BufferSlice, Commands, Gpu, Params as Uniforms, Pipeline};
use crate::ratings::{Side, Sides};
use crate::train::engine::gpu::side::Factors;
use crate::train::row::Target;
use crate::train::row::normal::{Axes, Numbers};
use crate::{Error, Result};

/// The kernels that solve, and what they need.
pub(super) struct Solve {
    shape: Shape,
    part: Pipeline,
    row: Pipeline,
    /// For all rows of a cut, then for those that were left.
    params: Uniforms<Params>,
    beliefs: Buffer<f32>,
    parts: Buffer<f32>,
    /// The buffer of triangles, if they do not fit workgroup memory.
    scratch: Option<Buffer<f32>>,
    /// The rows that are always solved here.
    long: Sides<Cut>,
    /// The rows that are solved here if another kernel left them.
    left: Sides<Cut>,
}

/// Which rows are solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Which {
    /// Long rows.
    Long,
    /// Those that the kernel of short rows left.
    Left,
    /// All that this kernel leaves as a rule.
    Short,
}

impl Solve {
    /// The buffer of parts and that of triangles take about `slot` bytes each. `is_long` and `is_short` say
    /// which rows are solved always, and which only if they were left.
    pub(super) fn new(
        gpu: &Gpu,
        part: &Pipeline,
        (rated, shape, slot): (&Rated, Shape, usize),
        [is_long, is_short]: [&dyn Fn(usize) -> bool; 2],
    ) -> Result<Self> {
        let fits = shape.fits(gpu);
        let row = shape.pipeline(gpu, if fits { &normal::WORKGROUP } else { &normal::SCRATCH })?;
        let slots = (slot / (16 * shape.part())).max(MOST_PARTS);
        let rows = if fits { usize::MAX } else { (slot / (16 * shape.equations())).max(1) };
        let cut = |keep| {
            Sides::try_from_fn(|side| rated.cut(gpu, (side, keep), (&shape, Kind::Solved), (slots, rows)))
        };
        let (long, left) = (cut(is_long)?, cut(is_short)?);
        let most = |count: fn(&Round) -> usize| {
            let cuts = long.iter().chain(left.iter());
            cuts.flat_map(|cut| &cut.rounds).map(count).max().unwrap_or(0)
        };
        let (most_parts, most_rows) = (most(|round| round.segments.len()), most(|round| round.entries.len()));
        let scratch = (!fits).then(|| gpu.output("triangles", 4 * shape.equations() * most_rows));
        Ok(Self {
            part: part.clone(),
            row,
            params: gpu.params("normal equations", &[Params::default(); 2])?,
            beliefs: gpu.zeroed("beliefs", 4 * shape.beliefs())?,
            parts: gpu.output("parts", 4 * shape.part() * most_parts)?,
            scratch: scratch.transpose()?,
            shape,
            long,
            left,
        })
    }

    /// Updates rows of a side. The work is submitted, not waited for.
    pub(super) fn sweep(
        &self,
        gpu: &Gpu,
        rated: &mut Rated,
        (side, which): (Side, Which),
        sides: &Sides<Factors>,
        numbers: &Numbers,
    ) -> Result<()> {
        let cuts = if which == Which::Long { &self.long } else { &self.left };
        let (own, fixed, cut) = (&sides[side], &sides[side.other()], &cuts[side]);
        let implicit = fixed.implicit_of(numbers)?;
        let params = self.params.at((which == Which::Left).into());
        let record = |commands: &mut Commands, round: &Round, ratings: BufferSlice| {
            let sums = [params, ratings, fixed.rows.all(), fixed.states.all(), implicit.all()];
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

    /// Writes the numbers of a sweep. `axes` are the coordinates of its short rows; without them no row is
    /// drawn by the noise of its ratings.
    pub(super) fn write(&self, numbers: &Numbers, longest_short: usize, axes: Option<&Axes>) -> Result<()> {
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
            longest_short: if axes.is_some() { longest_short as u32 } else { 0 },
            only_left: 0,
        };
        self.params.write(&[params, Params { only_left: 1, ..params }])?;
        let behind = self.shape.factors + 1;
        for (place, belief) in [&numbers.prior, &numbers.shared].into_iter().enumerate() {
            let entry = |row: usize, column: usize| {
                if column == behind { belief.pull[row] } else { belief.matrix.row(row)[column] }
            };
            self.beliefs.write(place * 4 * self.shape.equations(), &self.shape.tiled(entry))?;
        }
        let Some(axes) = axes.filter(|_| numbers.noise.is_some()) else { return Ok(()) };
        if numbers.power.abs() > 0.0 {
            return Err(Error::Bug("a draw whose prior depends on the activity".into()));
        }
        // The coordinates are at right angles where all rows have one prior, so its root is X B^1/2 X'.
        let x = axes.matrix(self.shape.factors);
        let root = |n: usize| axes.prior_of(1.0, n, self.shape.factors).max(0.0).sqrt();
        let noise = self.shape.padded(|row, column| x.get(row, column) as f32 * root(column));
        self.beliefs.write(8 * self.shape.equations(), &noise)
    }
}
