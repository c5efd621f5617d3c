//! A run without a directory: the same models, in memory.

use super::checkpoint_file::Header;
use super::config::Config;
use super::context::Context;
use super::device::Engines;
use super::event::{Observe, RunEvent};
use super::lists;
use super::material::{Given, Material};
use super::overlap::Shared;
use super::part::Part;
use super::plan::Plan;
use super::ranks::Ranks;
use super::report::{ListsReport, Report};
use super::warm::Begin;
use crate::eval::evaluate_both;
use crate::input::ReadReport;
use crate::model::{Model, Rated};
use crate::train::{Objective, Settings, State};
use crate::{Error, Result};
use std::ops::ControlFlow;
use std::time::Instant;

/// What a run made, in memory.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The model of ratings; that of lists if nothing else was trained.
    pub model: Model,
    /// The model of lists that was trained beside that of ratings.
    pub lists: Option<Model>,
    /// The settings of the model, with open ones decided.
    pub settings: Settings,
    /// The results as numbers.
    pub report: Report,
    /// What was read.
    pub read: ReadReport,
    /// Sizes of the ratings and the models.
    pub sizes: Plan,
    /// Test and validation ratings with pairs that were trained on, too.
    pub shared: Vec<Shared>,
}

/// Trains as [`run`](super::run()) does, and writes nothing: the models have the same bytes. `given` takes the place of
/// files. Time limits and checkpoints have no effect. An observer that returns `Break` ends the training of a
/// model with the best factors so far.
///
/// # Errors
/// Errors of the settings, the input and training; [`Error::Stopped`] if the token of the context was raised,
/// without any model.
pub fn fit(config: &Config, given: Given, context: &mut Context, observe: &mut Observe) -> Result<Fitted> {
    config.check_settings()?;
    if let Some(folds) = config.folds {
        return Err(Error::setting("folds", &folds, "folds need the directory of a run"));
    }
    let (config, begin) = Begin::of(config)?;
    let Context { about, device, stop, .. } = context;
    let clock = Instant::now();
    let mut material = Material::of(&config, (given, &std::env::temp_dir()), begin, stop, observe)?;
    let read_seconds = clock.elapsed().as_secs_f64();
    let config = config.decided(material.data.feedback)?;
    let keep_ratings = config.keep_ratings;
    let begun = material.warm.checksum();
    let header = Header::new(&config, (&material.checksum()?, begun.as_deref()), &about.device)?;
    let ranks = Ranks::of(&config, device, None);
    let mut open = |problem, state: &State| device.engine(problem, state);
    let mut engines = Engines::new(&mut open, ranks);
    // Training asks its observer only.
    let mut observe = |event: &RunEvent| {
        let asked = observe(event);
        if stop.is_raised() { ControlFlow::Break(()) } else { asked }
    };
    let Material { data, item_names, test, valid, warm, .. } = &material;
    let titles = item_names.as_deref();
    let watched = test.as_ref().map(|test| test.among(&data.users, &data.items).0);
    let part = |objective| Part {
        config: &config,
        objective,
        fold: None,
        data,
        valid,
        test: watched.as_ref(),
        warm: warm.of(objective),
        may_end: true,
    };
    let (mut beside, mut of_lists) = (None, None);
    if config.has_lists_beside() {
        let clock = Instant::now();
        let outcome = part(Objective::Lists).train(&mut engines, (None, None), &mut observe)?;
        stop.check()?;
        let search_epochs = Some(outcome.search.epochs.len());
        let model = lists::model_of(outcome, (data, titles), keep_ratings, &header)?;
        let report = ListsReport::of(&model, clock.elapsed().as_secs_f64());
        of_lists = report.map(|report| ListsReport { search_epochs, ..report });
        beside = Some(model);
    }
    let clock = Instant::now();
    let objective = config.training.algorithm.objective();
    let outcome = part(objective).train(&mut engines, (None, None), &mut observe)?;
    stop.check()?;
    let mut report = Report {
        lists: of_lists,
        ranks: engines.traffic,
        read_seconds,
        train_seconds: clock.elapsed().as_secs_f64(),
        ..Report::of(&outcome)
    };
    let settings = outcome.settings.clone();
    let data = std::mem::take(&mut material.data);
    let mut model = outcome.into_model(data)?;
    model.titles = material.item_names.take().unwrap_or_default();
    if let Some(test) = &material.test {
        let evaluation = evaluate_both(&model, beside.as_ref(), test, &config.evaluation(), stop)?;
        (report.test, report.evaluation) = (evaluation.accuracy(), Some(evaluation));
    }
    if !keep_ratings {
        model.rated = Rated::default();
    }
    let Material { report: read, sizes, shared, .. } = material;
    let sizes = sizes.of_models(&model, beside.as_ref());
    Ok(Fitted { model, lists: beside, settings, report, read, sizes, shared })
}
