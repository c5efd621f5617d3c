//! Reads the ratings to train on, and decides where they are meanwhile: in memory, or on a disk if they do not fit what
//! the run may take.

use super::config::Config;
use super::event::{Observe, RunEvent};
use super::plan::{Beside, Plan};
use super::ranks::number_of;
use crate::gpu::Budget;
use crate::human::{size, thousands};
use crate::input::{ReadReport, Times, is_prepared, read_ratings, read_stored, read_timed_ratings};
use crate::memory::available;
use crate::ratings::{Codes, Dataset, Feedback, IdMap};
use crate::stop::Stop;
use crate::store::{OnDisk, Room, Stored};
use crate::train::Objective;
use crate::{Error, Result};
use std::path::Path;
use std::sync::Arc;

/// The part of what is available that a run takes without a limit, in percent.
const PART: u8 = 75;

/// Parts of the memory of a run, of which reading takes one, whatever the run is found to need.
const READING: u64 = 4;

/// The least memory for pieces of ratings.
const LEAST: u64 = 1 << 20;

/// Reads the ratings. `scratch` is a directory for files without a name.
pub(super) fn read(
    config: &Config,
    scratch: &Path,
    stop: &Stop,
    observe: &mut Observe,
) -> Result<(Dataset, ReadReport)> {
    let mut progress = |bytes, ratings| {
        let _ = observe(&RunEvent::Reading { bytes, ratings });
        stop.check()
    };
    let (paths, options) = (&config.ratings, &config.input);
    let limit = limit(config.memory, is_prepared(paths)?);
    let Some(limit) = limit else {
        let read = if config.needs_times() { read_timed_ratings } else { read_ratings };
        return read(paths, options, &mut progress);
    };
    let room =
        Room { directory: scratch.to_owned(), bytes: usize::try_from(limit / READING).unwrap_or(usize::MAX) };
    let times = if config.needs_times() { Times::Needed } else { Times::Unused };
    let (data, body, report) = read_stored(paths, options, (times, &room), &mut progress)?;
    Ok((placed(config, (data, body), limit, scratch)?, report))
}

/// The bytes that may be taken; `None` without a limit, unless the ratings are on disk `anyway`.
pub(super) fn limit(memory: Option<Budget>, anyway: bool) -> Option<u64> {
    let part = |percent: u8| available().map(|bytes| bytes / 100 * u64::from(percent));
    match memory {
        Some(Budget::Bytes(bytes)) => Some(bytes),
        Some(Budget::Percent(percent)) => part(percent),
        None if anyway => part(PART),
        None => None,
    }
}

/// Puts ratings that are on a disk where a run of these settings finds them.
fn placed(config: &Config, (data, body): (Dataset, OnDisk), limit: u64, scratch: &Path) -> Result<Dataset> {
    let at = |bytes| Stored::new(body.clone(), Room { directory: scratch.to_owned(), bytes });
    let data = Dataset { stored: Some(Arc::new(at(0))), ..data };
    let plan = plan_held(config, &data)?;
    let beside = beside(config, &data, plan.ratings)?;
    // In memory a rating has a number of 32 bits.
    if plan.held(&beside) <= limit && plan.ratings <= u32::MAX.into() {
        let (ratings, times) = body.load()?;
        return Ok(Dataset { ratings, times, stored: None, ..data });
    }
    let bytes = room((&plan, &beside), limit)?;
    Ok(Dataset { stored: Some(Arc::new(at(bytes))), ..data })
}

/// What there is beside factors and pieces of ratings.
fn beside(config: &Config, data: &Dataset, ratings: u64) -> Result<Beside> {
    let decided = config.decided(data.feedback)?;
    let ids = |ids: &IdMap| {
        let (arena, ends) = ids.parts();
        // An id has an end, and a slot in a table.
        arena.len() as u64 + 16 * ends.len() as u64
    };
    let of_ratings = data.feedback == Feedback::Ratings;
    let stages = decided.training.epoch_stages().filter(|_| of_ratings).unwrap_or(1) as u64;
    let held_out = decided.settings().held_out_fraction(ratings as usize);
    let set_aside = decided.test().map_or(0.0, |slice| slice.fraction().unwrap_or(0.1));
    Ok(Beside {
        ids: ids(&data.users) + ids(&data.items),
        stages,
        aside: ((held_out + set_aside) * ratings as f64) as u64,
        ranks: number_of(config) as u64,
        kept: config.needs_ratings_at_the_end(),
    })
}

/// The bytes for pieces of ratings, of each rank, where the ratings do not fit memory.
fn room((plan, beside): (&Plan, &Beside), limit: u64) -> Result<usize> {
    let (training, finishing) = (plan.beside(beside), plan.finishing(beside));
    let with_pieces = training + beside.ranks * LEAST;
    if with_pieces.max(finishing) > limit {
        let kept = if finishing > with_pieces {
            ", also with the ratings on disk, since the model keeps them (`keep_ratings`) and the lists leave them out"
        } else {
            ", also with the ratings on disk"
        };
        return Err(Error::TooLarge(format!(
            "training {} factors of {} users and {} items on {} ratings needs at least {} of memory{kept}, and \
             `memory = {}` allows less; more memory or fewer factors (`training.factors`) help",
            plan.factors.max(plan.list_factors),
            thousands(plan.users),
            thousands(plan.items),
            thousands(plan.ratings),
            size(with_pieces.max(finishing).min(plan.held(beside))),
            size(limit),
        )));
    }
    Ok(usize::try_from((limit - training) / beside.ranks).unwrap_or(usize::MAX))
}

/// Estimates the size of the run.
pub(super) fn plan_of(config: &Config, data: &Dataset) -> Result<Plan> {
    let plan = plan_held(config, data)?;
    match data.stored.as_ref().map_or(0, |stored| stored.room()) {
        0 => Ok(plan),
        room => Ok(plan.on_disk(&beside(config, data, plan.ratings)?, room as u64)),
    }
}

/// As [`plan_of`], as if the ratings were in memory.
fn plan_held(config: &Config, data: &Dataset) -> Result<Plan> {
    let (size, ratings) = ((data.users.len(), data.items.len()), data.triples().len());
    let config = config.decided(data.feedback)?;
    let training = &config.training;
    let draws = training.draws().map_or(1, |(kept, _)| kept);
    let mut plan = Plan::new(ratings, size, training.factors()).with_draws(draws);
    if config.has_lists_beside() {
        let factors = config.settings_of(Objective::Lists).factors();
        plan = plan.with_lists(&Plan::new(ratings, size, factors));
    }
    plan = plan.with_ranks(number_of(&config));
    if Codes::over(data.triples(), size)?.is_some() {
        plan = plan.packed();
    }
    if config.folds.is_some() {
        // With folds, all ratings stay in memory while a part of them is trained on, together with the fold
        // of each.
        plan.memory_bytes += plan.ratings * (12 + 2);
    }
    Ok(plan)
}
