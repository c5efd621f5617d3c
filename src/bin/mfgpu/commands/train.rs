//! `mfgpu train`.

use crate::arguments::use_threads;
use crate::flags::train::Train;
use crate::show::human;
use crate::show::metrics::some_lists;
use crate::show::progress::Progress;
use crate::show::talk::{count, log, log_to, say};
use mfgpu::eval::{CrossValidation, Estimate, Evaluation, OverFolds};
use mfgpu::run::{self, About, Config, OnDevice, Plan, Record, RunDirectory, names};
use mfgpu::train::engine::Device;
use mfgpu::{Error, Result};
use std::ops::ControlFlow;
use std::path::Path;

impl Train {
    /// Trains.
    pub(crate) fn run(&self, threads: Option<usize>) -> Result<()> {
        let config = self.resolve(threads)?;
        use_threads(config.threads)?;
        let mut device = open(&config, self.progress.quiet)?;
        let mut progress = Progress::new(&self.progress);
        if self.dry_run {
            let plan = run::plan(&config, &mut |event| {
                progress.show(event);
                ControlFlow::Continue(())
            })?;
            progress.finish();
            say_plan(&config, &plan);
            if let Some(on_device) = run::on_device(&device, &config, &plan) {
                say(&device_memory(&on_device));
            }
            return Ok(());
        }
        let (directory, began) = self.directory(&config)?;
        let about = About { device: device.description().to_owned(), began, command: command() };
        let mut logged = false;
        let mut watch = |event: &run::RunEvent| {
            if !logged {
                // By now the log of the run before is out of the way.
                log_to(&directory.file(names::LOG));
                logged = true;
                log(&format!("device: {}", about.device));
            }
            progress.show(event);
            ControlFlow::Continue(())
        };
        let record = run::run(&config, &directory, (&about, &mut device), &mut watch);
        progress.finish();
        finish(&config, &directory, record, self.progress.quiet)
    }

    /// The directory of the run, and the time.
    fn directory(&self, config: &Config) -> Result<(RunDirectory, String)> {
        let now = jiff::ZonedDateTime::now();
        let began = now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        let directory = if let Some(out) = &self.out {
            RunDirectory::create(out, self.force)?
        } else {
            let name = config.ratings[0].file_stem().unwrap_or_default().to_string_lossy();
            let name = if name == "-" { "stdin".into() } else { name };
            RunDirectory::create_unique(Path::new(""), &now.strftime("%Y%m%d-%H%M%S").to_string(), &name)?
        };
        if directory.path().to_str().is_none() {
            return Err(Error::Usage("--out: expected a directory whose name is text".into()));
        }
        Ok((directory, began))
    }
}

/// The command line.
pub(crate) fn command() -> Vec<String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// Opens what trains, and says what it is.
pub(crate) fn open(config: &Config, quiet: bool) -> Result<Device> {
    let device = Device::open(&config.device, config.vram)?;
    if !quiet {
        say(&format!("device: {}", device.description()));
    }
    Ok(device)
}

/// Says what came of a run, or how to go on with it.
pub(crate) fn finish(
    config: &Config,
    directory: &RunDirectory,
    record: Result<Record>,
    quiet: bool,
) -> Result<()> {
    match record {
        Ok(record) if !quiet => summarize(config, directory, &record),
        Ok(_) => {}
        Err(error) => {
            log(&format!("error: {error}"));
            let goes_on = matches!(error, Error::Stopped { .. } | Error::Write { .. } | Error::Device(_));
            if goes_on && directory.file(names::CONFIG).exists() {
                say(&format!("to go on: mfgpu resume {}", directory.path().display()));
            }
            return Err(error);
        }
    }
    Ok(())
}

fn say_plan(config: &Config, plan: &Plan) {
    say(&format!(
        "plan: {} factors, at most {} epochs, about {} of memory and {} of disk; nothing was trained or written",
        plan.factors,
        config.training.epochs(),
        human::size(plan.memory_bytes),
        human::size(plan.disk_bytes)
    ));
    say(&sizes(plan));
}

/// What goes where on a GPU.
fn device_memory(plan: &OnDevice) -> String {
    let OnDevice { factor_bytes, rating_bytes, limit_bytes, .. } = *plan;
    let fate = match (plan.fits, plan.streams) {
        (false, _) => "not enough even for the factors: fewer with -k, or more with --vram, or --device cpu",
        (true, true) => "ratings stream, a part at a time",
        (true, false) => "all of it stays on the device",
    };
    let limit = limit_bytes.map_or(String::new(), |limit| format!(", {} allowed", human::size(limit)));
    format!(
        "device memory: about {} for factors and {} for ratings{limit}: {fate}",
        human::size(factor_bytes),
        human::size(rating_bytes)
    )
}

/// Why the factors are worth having.
pub(crate) fn sizes(plan: &Plan) -> String {
    format!(
        "sizes: the matrix would take {}, the factors take {}",
        human::size(plan.matrix_bytes),
        human::size(plan.factor_bytes)
    )
}

fn summarize(config: &Config, directory: &RunDirectory, record: &Record) {
    let report = &record.report;
    let refit = report.refit_epochs.map_or(String::new(), |epochs| {
        format!(", then trained on all ratings for {}", count(epochs as u64, "epoch"))
    });
    say(&format!(
        "trained: best epoch {} of {}{refit}, in {}",
        report.best_epoch,
        report.search_epochs,
        human::time(report.train_seconds)
    ));
    if report.search_epochs == 0 {
        say("note: the time did not suffice for an epoch; the model knows next to nothing");
    }
    if let Some(rmse) = report.held_out_rmse {
        say(&format!("held out: rmse={rmse:.4} (always the mean: {:.4})", report.deviation));
    }
    if let Some(test) = &report.test {
        say(&format!(
            "test: rmse={:.4} mae={:.4} on {} (always the mean: rmse={:.4}; unknown: {}, {})",
            test.rmse,
            test.mae,
            count(test.ratings, "rating"),
            test.mean_rmse,
            count(test.unknown_users, "user"),
            count(test.unknown_items, "item")
        ));
    }
    if let Some(evaluation) = &report.evaluation {
        summarize_test(evaluation);
    }
    if let Some(folds) = &report.folds {
        summarize_folds(folds);
    }
    say(&sizes(&record.sizes));
    let top = if config.top > 0 { ", top.csv" } else { "" };
    let test = if config.sets_test_aside() { ", test.csv" } else { "" };
    say(&format!(
        "files: {} holds report.html, model.safetensors{top}{test}, metrics.jsonl, run.json, config.toml",
        directory.path().display()
    ));
}

/// What the plain errors do not say: how sure they are, what baselines reach, and how good lists are.
fn summarize_test(evaluation: &Evaluation) {
    let rmse = &evaluation.rating.rmse;
    if let Estimate { interval: Some([low, high]), .. } = rmse.model {
        let biases = rmse.biases.value;
        say(&format!("test: rmse is {low:.4} to {high:.4} with 95 % (biases alone: rmse={biases:.4})"));
    }
    let metrics = evaluation.ranking.as_ref().map_or(&[][..], |ranking| &ranking.metrics);
    if !metrics.is_empty() {
        let model = some_lists(metrics, |found| format!("{:.4}", found.model.value));
        let most_rated = some_lists(metrics, |found| format!("{:.4}", found.most_rated.value));
        say(&format!("test lists: {model} (most rated items: {most_rated})"));
    }
}

fn summarize_folds(found: &CrossValidation) {
    let of = |OverFolds { mean, sd }| format!("{mean:.4} sd {sd:.4}");
    let CrossValidation { rmse, mae, ranking, folds } = found;
    say(&format!(
        "{} folds: rmse={} mae={} (biases alone: rmse={:.4}, always the mean: rmse={:.4})",
        folds.len(),
        of(rmse.model),
        of(mae.model),
        rmse.biases.mean,
        rmse.mean.mean
    ));
    if !ranking.is_empty() {
        let model = some_lists(ranking, |found| of(found.model));
        let most_rated = some_lists(ranking, |found| format!("{:.4}", found.most_rated.mean));
        say(&format!("{} folds, lists: {model} (most rated items: {most_rated})", folds.len()));
    }
}
