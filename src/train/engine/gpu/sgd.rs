//! Stochastic gradient sweeps: a binding a stage and side, made once.

use super::side::Factors;
use crate::gpu::kernels::row_sgd::{Entry, Params, Rating, Shape};
use crate::gpu::{Bound, Commands, Gpu, Params as Uniforms, Pipeline, Resource, RowTexture};
use crate::ratings::{Rows, Side, Stage};
use crate::train::problem::Problem;
use crate::train::row::sgd::Numbers;
use crate::{Error, Result};
use std::ops::Range;

/// A side is bound from a multiple of this many rows on: at least 16 bytes each, so that any device can.
const ROW_STEP: usize = 16;

/// All sweeps of a problem.
pub(super) struct Sweeps {
    /// By stage, users and items.
    stages: Vec<[Sweep; 2]>,
    params: [Uniforms<Params>; 2],
    written: [Option<Params>; 2],
    /// For kernels that read textures: the users of a stage, and the items.
    textures: Option<[Textures; 2]>,
    /// Whether the items' textures show what their buffers hold.
    items_copied: bool,
}

/// Rows and their states once more, as textures.
struct Textures {
    rows: RowTexture,
    states: RowTexture,
}

impl Textures {
    fn new(gpu: &Gpu, side: &str, rows: usize, shape: &Shape) -> Result<Self> {
        Ok(Self {
            rows: gpu.row_texture(&format!("{side} factors"), rows, shape.stride / 4)?,
            states: gpu.row_texture(&format!("{side} states"), rows, 1)?,
        })
    }

    fn copy(&self, commands: &mut Commands, from: &Factors, rows: Range<usize>) -> Result<()> {
        commands.copy_rows(&from.rows, rows.clone(), &self.rows)?;
        commands.copy_rows(&from.states, rows, &self.states)
    }
}

/// What one sweep of one stage dispatches; it keeps the ratings alive that it is bound to.
struct Sweep {
    bound: Option<Bound>,
    workgroups: u32,
    ratings: usize,
    users_seen: Range<usize>,
}

impl Sweeps {
    pub(super) fn new(
        gpu: &Gpu,
        problem: &Problem,
        (users, items): (&Factors, &Factors),
        shape: Shape,
        pipeline: &Pipeline,
    ) -> Result<Self> {
        let params = [
            gpu.params("user sweep", &[bytemuck::Zeroable::zeroed()])?,
            gpu.params("item sweep", &[bytemuck::Zeroable::zeroed()])?,
        ];
        let staged = &problem.staged;
        let textures = if shape.textured {
            let stages = staged.stages.iter().map(|stage| seen(&stage.users.row).len());
            let most = stages.max().unwrap_or(0);
            let users = Textures::new(gpu, "user", most, &shape)?;
            Some([users, Textures::new(gpu, "item", items.states.len(), &shape)?])
        } else {
            None
        };
        let bind = |stage: &Stage, side: Side| -> Result<Sweep> {
            let users_seen = seen(&stage.users.row);
            let items_seen = 0..items.states.len();
            let (rows, activity) = (stage.of(side), staged.activity(side));
            let (own, own_seen, still, still_seen, params) = match side {
                Side::User => (users, users_seen, items, items_seen, &params[0]),
                Side::Item => (items, items_seen, users, users_seen, &params[1]),
            };
            if rows.is_empty() {
                return Ok(Sweep { bound: None, workgroups: 0, ratings: 0, users_seen: 0..0 });
            }
            let (entries, ratings) = table(rows, &own_seen, &still_seen, activity)?;
            let entries = gpu.upload("rows", &entries)?;
            let ratings = gpu.upload("ratings", &ratings)?;
            let numbers = |rows: &Range<usize>| rows.start * shape.stride..rows.end * shape.stride;
            let own_slices: [Resource<'_>; 2] =
                [own.rows.slice(numbers(&own_seen))?.into(), own.states.slice(own_seen.clone())?.into()];
            let mut resources: Vec<Resource<'_>> =
                vec![params.at(0).into(), entries.all().into(), ratings.all().into()];
            if let Some([users, items]) = &textures {
                let (own, still) = if side == Side::User { (users, items) } else { (items, users) };
                resources.extend([&still.rows, &still.states].map(Resource::Texture));
                resources.extend(own_slices);
                resources.extend([&own.rows, &own.states].map(Resource::Texture));
            } else {
                resources.push(still.rows.slice(numbers(&still_seen))?.into());
                resources.push(still.states.slice(still_seen.clone())?.into());
                resources.extend(own_slices);
            }
            let bound = pipeline.bind(&resources)?;
            Ok(Sweep {
                bound: Some(bound),
                workgroups: shape.workgroups(rows.len()),
                ratings: rows.value.len(),
                users_seen: if side == Side::User { own_seen } else { still_seen },
            })
        };
        let stages =
            staged.stages.iter().map(|stage| Ok([bind(stage, Side::User)?, bind(stage, Side::Item)?]));
        let stages = stages.collect::<Result<_>>()?;
        Ok(Self { stages, params, written: [None; 2], textures, items_copied: false })
    }

    /// Forgets what textures show, since the buffers were written to.
    pub(super) fn stale(&mut self) {
        self.items_copied = false;
    }

    /// Records a sweep.
    pub(super) fn record(
        &mut self,
        commands: &mut Commands,
        (stage, side): (usize, Side),
        (users, items): (&Factors, &Factors),
    ) -> Result<()> {
        let sweep = &self.stages[stage][usize::from(side == Side::Item)];
        let Some(bound) = &sweep.bound else { return Ok(()) };
        if let Some([user_textures, item_textures]) = &self.textures {
            user_textures.copy(commands, users, sweep.users_seen.clone())?;
            if !self.items_copied {
                item_textures.copy(commands, items, 0..items.states.len())?;
            }
            self.items_copied = side == Side::User;
        }
        commands.dispatch(bound, sweep.workgroups);
        Ok(())
    }

    /// How many ratings a sweep reads.
    pub(super) fn ratings(&self, stage: usize, side: Side) -> usize {
        self.stages[stage][usize::from(side == Side::Item)].ratings
    }

    /// Makes the numbers of a side's sweeps known to the device, after `flush`: work recorded so far keeps the numbers
    /// it had.
    pub(super) fn write(
        &mut self,
        side: Side,
        numbers: &Numbers,
        flush: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let params = Params {
            learning_rate: numbers.learning_rate,
            regularization: numbers.regularization,
            power: numbers.power,
            mean_activity: numbers.mean_activity,
            offset: numbers.offset,
            trained: numbers.trained as u32,
        };
        let side = usize::from(side == Side::Item);
        if self.written[side] != Some(params) {
            flush()?;
            self.params[side].write(&[params])?;
            self.written[side] = Some(params);
        }
        Ok(())
    }
}

/// A sweep's rows and ratings as the kernel reads them, their numbers counted from the first row it sees of a side.
fn table(
    rows: &Rows,
    own: &Range<usize>,
    still: &Range<usize>,
    activity: &[u32],
) -> Result<(Vec<Entry>, Vec<Rating>)> {
    // Kernels are trusted not to look behind the end: this is where their indices are validated.
    let inside = |row: &u32, seen: &Range<usize>| seen.contains(&(*row as usize));
    if !(rows.row.iter().all(|row| inside(row, own)) && rows.other.iter().all(|row| inside(row, still))) {
        return Err(Error::Bug("a rating outside the factors".into()));
    }
    let entry = |(n, &row): (usize, &u32)| Entry {
        row: row - own.start as u32,
        start: rows.starts[n],
        end: rows.starts[n + 1],
        activity: activity[row as usize],
    };
    let rating = |(&other, &value)| Rating { other: other - still.start as u32, value };
    let ratings = rows.other.iter().zip(&rows.value).map(rating).collect();
    Ok((rows.row.iter().enumerate().map(entry).collect(), ratings))
}

/// The rows from the first to the last of `rows`, beginning where any device can bind.
fn seen(rows: &[u32]) -> Range<usize> {
    let first = rows.first().map_or(0, |&row| row as usize / ROW_STEP * ROW_STEP);
    first..rows.last().map_or(0, |&row| row as usize + 1)
}
