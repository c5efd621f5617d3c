//! The end of a run: evaluates the trained model and writes every result file.

use super::config::Config;
use super::directory::RunDirectory;
use super::material::Material;
use super::page::{self, Sources, Unseen};
use super::record::{About, Record};
use super::report::Report;
use super::status::{State, Status};
use super::{names, residuals, write};
use crate::Result;
use crate::eval::evaluate_both;
use crate::model::{Model, Rated};
use crate::ratings::Dataset;
use crate::stop::Stop;
use crate::train::engine::Device;
use crate::train::{Outcome, Residual};
use std::time::Instant;

/// What writing the results needs, apart from the ratings.
pub(super) struct Finish<'a> {
    pub(super) config: &'a Config,
    pub(super) directory: &'a RunDirectory,
    pub(super) about: &'a About,
    /// The device that trained; it also makes the lists.
    pub(super) device: &'a mut Device,
    pub(super) stop: &'a Stop,
    /// The latest status of the run.
    pub(super) status: &'a Status,
}

impl Finish<'_> {
    /// Evaluates the model and writes it with all other files.
    pub(super) fn write(
        self,
        material: Material,
        mut outcome: Outcome,
        mut result: Report,
    ) -> Result<Record> {
        let Self { config, directory, about, device, stop, status } = self;
        let Material { data, item_names, test, shared, warm, report, inputs, sizes, .. } = material;
        let clock = Instant::now();
        let (settings, refitted) = (outcome.settings.clone(), outcome.refit.is_some());
        let held_out = std::mem::take(&mut outcome.residuals);
        let mut model = if config.needs_ratings_at_the_end() || data.stored.is_none() {
            outcome.into_model(data)?
        } else {
            outcome.model_without_ratings(&data)
        };
        model.titles = item_names.clone().unwrap_or_default();
        let lists =
            config.has_lists_beside().then(|| Model::load(directory.file(names::LISTS))).transpose()?;
        if let Some(test) = &test {
            let evaluation = evaluate_both(&model, lists.as_ref(), test, &config.evaluation(), stop)?;
            (result.test, result.evaluation) = (evaluation.accuracy(), Some(evaluation));
        }
        if config.top > 0 {
            write::top(
                (&model, lists.as_ref()),
                (config.top, config.csv_safe),
                item_names.as_deref(),
                device,
                (directory, stop),
            )?;
        } else {
            directory.clear(names::TOP)?;
        }
        match &test {
            Some(test) if config.sets_test_aside() => write::test(test, directory, stop)?,
            _ => directory.clear(names::TEST)?,
        }
        let unseen = unseen(&model, test.as_ref(), (&held_out, refitted), (directory, stop))?;
        result.write_seconds = clock.elapsed().as_secs_f64();
        let About { device, began, command } = about.clone();
        let record = Record {
            version: env!("CARGO_PKG_VERSION").into(),
            command,
            began,
            device,
            threads: rayon::current_num_threads(),
            seed: config.training.seed,
            inputs,
            init_from: warm.into_record(),
            skipped_rows: report.skipped,
            duplicates: report.duplicates,
            shared,
            sizes: sizes.of_models(&model, lists.as_ref()),
            settings,
            report: result,
        };
        record.write_to(directory.writing(names::RECORD)?)?;
        let status = Status { state: State::Finished, ..status.clone() };
        let sources = Sources {
            status: Some(status),
            record: Some(&record),
            model: Some(&model),
            lists: lists.as_ref(),
            titles: item_names.as_deref(),
            unseen,
            ..Sources::new(directory.work(), config, &model.rated)?
        };
        page::write(&sources, directory.sink(names::REPORT, stop)?)?;
        if !config.keep_ratings {
            model.rated = Rated::default();
        }
        directory.replace_others()?;
        // The model is written last: a directory with a model is complete.
        model.write_to(directory.writing(names::MODEL)?)?;
        Ok(record)
    }
}

/// Predictions for ratings that the model was not trained on: the test ratings, or without a test the
/// held-out ratings of the search, which are saved for later reports.
fn unseen(
    model: &Model,
    test: Option<&Dataset>,
    (held_out, refitted): (&[Residual], bool),
    (directory, stop): (&RunDirectory, &Stop),
) -> Result<Option<Unseen>> {
    if let Some(test) = test.filter(|_| !model.is_of_lists()) {
        directory.clear(names::HELD_OUT)?;
        return Ok(Some(Unseen::test(model, test)));
    }
    let predicted = residuals::predicted(held_out, model.range);
    if predicted.is_empty() {
        directory.clear(names::HELD_OUT)?;
    } else {
        residuals::write(&predicted, model, (directory, stop))?;
    }
    Ok(Unseen::held_out(predicted, refitted))
}
