//! A training run from ratings to factors: search, then refit, and recovery when the device fails.

use super::checkpoint::{Checkpoint, Position, SearchResult};
use super::keeping::Keeping;
use super::outcome::Outcome;
use super::refit::refit;
use super::search::search;
use super::setup::Setup;
use crate::ratings::{Feedback, Scale};
use crate::train::choices::Objective;
use crate::train::criterion::Criterion;
use crate::train::engine::OpenEngine;
use crate::train::event::Event;
use crate::train::monitor::{Monitor, Observe, Step};
use crate::train::settings::Settings;
use crate::train::training::Training;
use crate::{Error, Result};
use std::borrow::Cow;

/// Trains. `observe` receives every event; if it breaks, training ends with the result so far.
///
/// # Errors
/// [`Error::Setting`] for settings outside their range, [`Error::Input`] without ratings,
/// [`Error::Diverged`], and those of the engine.
pub fn train(
    training: Training<'_>,
    settings: &Settings,
    open: &mut OpenEngine<'_>,
    observe: &mut Observe<'_>,
) -> Result<Outcome> {
    let mut observe = |event: &Event| observe(event);
    resume(training, settings, (open, None), &mut Keeping::new(&mut observe, None), None)
}

/// Trains as [`train`] does, beginning with a checkpoint of the same training if there is one. If the device
/// fails, it is opened once more, and training resumes from the latest position in memory. If it fails again,
/// the fallback takes over. Without a fallback, training ends with a last checkpoint.
///
/// # Errors
/// As [`train`], and those of the keeper.
pub fn resume(
    training: Training<'_>,
    settings: &Settings,
    (open, mut fallback): (&mut OpenEngine<'_>, Option<&mut OpenEngine<'_>>),
    keeping: &mut Keeping<'_>,
    from: Option<Checkpoint<'static>>,
) -> Result<Outcome> {
    let keeping = keeping.among(training.comm);
    settings.check()?;
    if training.ratings.is_empty() {
        return Err(Error::Input("there are no ratings to train on".into()));
    }
    let of_ratings = settings.algorithm.objective() == Objective::Ratings;
    if of_ratings && training.feedback == Feedback::Pairs {
        let why =
            "there are only pairs of users and items, no ratings to predict; `ials` makes lists of them";
        return Err(Error::setting("training.algorithm", &settings.algorithm.name(), why));
    }
    let scale = (settings.algorithm.definition().scale)(training.ratings, training.feedback, settings)?;
    let relevant_from = if settings.criterion() == Criterion::Rmse {
        None
    } else {
        let mean = Scale::over(training.ratings)?.mean;
        Some(training.relevance.lowest(training.feedback, || mean))
    };
    let mut from = from.map(|checkpoint| checkpoint.0);
    let (mut failures, mut fallen_back) = (0, false);
    let outcome = loop {
        let open: &mut OpenEngine = match &mut fallback {
            Some(fallback) if fallen_back => &mut **fallback,
            _ => &mut *open,
        };
        let setup = Setup { training, settings: settings.clone(), scale, relevant_from };
        let error = match run(setup, open, from.clone(), keeping) {
            // A rank that fails ends all ranks.
            Err(error) if training.comm.is_some() => return Err(error),
            Err(error @ (Error::Device(_) | Error::TooLarge(_) | Error::NoDevice(_))) => error,
            result => break result?,
        };
        failures += 1;
        // Opening the device again does not help if memory is too small.
        let again = failures == 1 && matches!(error, Error::Device(_));
        if !again && (fallback.is_none() || fallen_back) {
            keeping.keep_last()?;
            return Err(error);
        }
        fallen_back = !again;
        from = keeping.last().or(from);
        let position = from.clone().map(Checkpoint).and_then(|position| {
            Some((position.phase()?, position.last_epoch().map_or(0, |epoch| epoch.epoch)))
        });
        let why = error.to_string();
        keeping.report(&Event::DeviceFailed { why, from: position, fallback: fallen_back });
    };
    if keeping.due(Step::All) {
        keeping.keep(Position::Trained(Cow::Borrowed(&outcome)))?;
    }
    keeping.check()?;
    Ok(outcome)
}

fn run(
    mut setup: Setup,
    open: &mut OpenEngine,
    from: Option<Position<'static>>,
    keeping: &mut Keeping,
) -> Result<Outcome> {
    let (mut found, begun) = match from {
        Some(Position::Trained(outcome)) => return Ok(outcome.into_owned()),
        Some(Position::Refit { found, fit, state }) => (found.into_owned(), Some((fit.into_owned(), state))),
        from => (search(&mut setup, open, from, keeping)?, None),
    };
    let settings = found.candidate.settings().resolved();
    let mut refitted = None;
    if let Some(epochs) = found.search.best().map(|best| best.epoch)
        && settings.refit
        && !keeping.stopped()
        && let Some((factors, curve)) = refit(&setup, open, (epochs, &found), begun, keeping)?
    {
        (found.draws, refitted) = (vec![factors], Some(curve));
    }
    let SearchResult { draws, search, residuals, held_out_mean, .. } = found;
    let (refit, scale) = (refitted, setup.scale);
    Ok(Outcome { draws, settings, search, refit, residuals, held_out_mean, scale })
}
