//! Sweeps over short rows: each is solved with an unknown for each rating.

use super::rated::{Cut, Rated};
use super::rounds::{Kind, Round};
use super::turning::Turning;
use crate::Result;
use crate::gpu::kernels::short::{Params, TEAMS, Team};
use crate::gpu::kernels::{normal, turn};
use crate::gpu::{Buffer, BufferSlice, Commands, Gpu, Params as Uniforms, Pipeline};
use crate::ratings::{Side, Sides};
use crate::train::engine::gpu::side::Factors;
use crate::train::row::Target;
use crate::train::row::normal::{Axes, Numbers};

/// The largest number of ratings of a row that fits in workgroup memory.
pub(super) fn most_ratings(gpu: &Gpu) -> usize {
    TEAMS.iter().filter(|team| team.fits(gpu)).map(|team| team.capacity).max().unwrap_or(0)
}

/// Rows of some lengths, and the kernels for them: for rows as they are, and for turned ones.
struct Class {
    team: &'static Team,
    cuts: Sides<Cut>,
    plain: Option<Pipeline>,
    turned: Option<Pipeline>,
}

/// The kernels that solve short rows, and what they need.
pub(super) struct Short {
    shape: normal::Shape,
    classes: Vec<Class>,
    params: Uniforms<Params>,
    priors: Buffer<f32>,
    turning: Turning,
}

impl Short {
    /// For the rows whose lengths are kept, none of which is longer than [`most_ratings`].
    pub(super) fn new(
        gpu: &Gpu,
        rated: &Rated,
        keep: &dyn Fn(usize) -> bool,
        shape: normal::Shape,
    ) -> Result<Self> {
        let mut classes = Vec::new();
        let mut shorter = 0;
        for team in TEAMS.iter().filter(|team| team.fits(gpu)) {
            let is_in = move |length: usize| length > shorter && length <= team.capacity;
            let keep = |length: usize| is_in(length) && keep(length);
            let kind = (&shape, Kind::Short);
            let cuts =
                Sides::try_from_fn(|side| rated.cut(gpu, (side, &keep), kind, (usize::MAX, usize::MAX)))?;
            classes.push(Class { team, cuts, plain: None, turned: None });
            shorter = team.capacity;
        }
        let turning = Turning::new(gpu, shape, Sides::from_fn(|side| rated.rows(side, keep)))?;
        Ok(Self {
            params: gpu.params("short rows", &[Params::default()])?,
            priors: gpu.zeroed("priors", 4 * 4 * turn::width(shape.factors))?,
            shape,
            classes,
            turning,
        })
    }

    /// Updates the short rows of a side. The work is submitted, not waited for.
    pub(super) fn sweep(
        &mut self,
        gpu: &Gpu,
        rated: &mut Rated,
        side: Side,
        sides: &Sides<Factors>,
        (numbers, axes): (&Numbers, &Axes),
    ) -> Result<()> {
        self.write(numbers, axes)?;
        let (own, fixed) = (&sides[side], &sides[side.other()]);
        let implicit = fixed.implicit_of(numbers)?;
        let is_turned = axes.is_turned();
        if is_turned {
            let implicit = (numbers.implicit_weight > 0.0).then_some(implicit);
            self.turning.there(gpu, side, (sides, implicit), (axes, numbers.target.bias()))?;
        }
        for class in &mut self.classes {
            if class.cuts[side].rounds.is_empty() {
                continue;
            }
            let place = if is_turned { &mut class.turned } else { &mut class.plain };
            let row = match place {
                Some(row) => row,
                None => place.insert(class.team.pipeline(
                    gpu,
                    (self.shape.factors, self.shape.stride),
                    is_turned,
                )?),
            };
            let (rows, implicit, goal) =
                if is_turned { self.turning.buffers(side)? } else { (&fixed.rows, implicit, &own.rows) };
            let cut = &class.cuts[side];
            let record = |commands: &mut Commands, round: &Round, ratings: BufferSlice| {
                let entries = cut.entries.slice(round.entries.clone())?;
                let bound = row.bind(&[
                    self.params.at(0),
                    ratings,
                    rows.all(),
                    fixed.states.all(),
                    implicit.all(),
                    entries,
                    self.priors.all(),
                    goal.all(),
                    own.states.all(),
                ])?;
                commands.dispatch(&bound, round.entries.len().div_ceil(class.team.rows) as u32);
                Ok(())
            };
            let _ = rated.walk(gpu, (side, cut), record)?;
        }
        if is_turned { self.turning.back(gpu, side, own) } else { Ok(()) }
    }

    fn write(&self, numbers: &Numbers, axes: &Axes) -> Result<()> {
        let key = numbers.noise.map_or([0; 2], |noise| noise.key);
        self.params.write(&[Params {
            rating_weight: numbers.precision,
            power: numbers.power,
            implicit_weight: numbers.implicit_weight,
            preferences: (numbers.target == Target::Preference).into(),
            measure: numbers.measure.into(),
            noise: numbers.noise.is_some().into(),
            key_low: key[0],
            key_high: key[1],
            draw: numbers.noise.map_or(0, |noise| noise.draw),
            side: numbers.noise.map_or(0, |noise| noise.side),
        }])?;
        let k = self.shape.factors;
        let width = 4 * turn::width(k);
        let mut all = vec![0.0; 4 * width];
        let parts = [&axes.prior, &axes.shared, &axes.prior_pull, &axes.shared_pull];
        for (part, numbers) in parts.into_iter().zip(all.chunks_exact_mut(width)) {
            numbers[..k].copy_from_slice(&part.body[..k]);
            numbers[k] = part.end;
        }
        self.priors.write(0, &all)
    }
}
