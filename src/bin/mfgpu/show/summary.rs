//! The summary of a run, before and after it.

use crate::show::human;
use crate::show::metrics::{some_lists, warning};
use crate::show::talk::{count, say};
use mfgpu::eval::{CrossValidation, Estimate, Evaluation, OverFolds, Rating};
use mfgpu::run::{Config, Ending, Limit, ListsReport, OnDevice, Plan, Record, RunDirectory};
use mfgpu::train::{Algorithm, Criterion, Score};

/// The estimated size of a run that is not started.
pub(crate) fn say_plan(config: &Config, plan: &Plan) {
    let lists = match (plan.list_factors, config.lists.factors) {
        (0, _) => String::new(),
        (factors, Some(_)) => format!("; {factors} factors for lists"),
        (factors, None) => format!("; {factors} factors for lists, or as many as win a race"),
    };
    say(&format!(
        "plan: {} factors, at most {} epochs{lists}; about {} of memory and {} of disk; nothing was trained or written",
        plan.factors,
        config.training.epochs(),
        human::size(plan.memory_bytes),
        human::size(plan.disk_bytes)
    ));
    say(&sizes(plan));
}

/// The estimated memory on the GPU.
pub(crate) fn say_device_memory(plan: &OnDevice) {
    let OnDevice { factor_bytes, rating_bytes, limit_bytes, .. } = *plan;
    let fate = match (plan.fits, plan.streams) {
        (false, _) => "not enough even for the factors: fewer with -k, or more with --vram, or --device cpu",
        (true, true) => "ratings stream, a part at a time",
        (true, false) => "all of it stays on the device",
    };
    let limit = limit_bytes.map_or(String::new(), |limit| format!(", {} allowed", human::size(limit)));
    say(&format!(
        "device memory: about {} for factors and {} for ratings{limit}: {fate}",
        human::size(factor_bytes),
        human::size(rating_bytes)
    ));
}

/// How much smaller the factors are than the matrix.
fn sizes(plan: &Plan) -> String {
    let draws = if plan.draws > 1 { format!(" ({} draws)", plan.draws) } else { String::new() };
    let lists = match plan.list_factor_bytes {
        0 => String::new(),
        bytes => format!(", those for lists {}", human::size(bytes)),
    };
    format!(
        "sizes: the matrix would take {}, the factors take {}{draws}{lists}",
        human::size(plan.matrix_bytes),
        human::size(plan.factor_bytes)
    )
}

/// The results of a run, and its directory.
pub(crate) fn summarize(config: &Config, directory: &RunDirectory, record: &Record) {
    let report = &record.report;
    if let Some(lists) = &report.lists {
        summarize_lists(lists, config.max_time);
    }
    let refit = report.refit_epochs.map_or(String::new(), |epochs| {
        format!(", then trained on all ratings for {}", count(epochs as u64, "epoch"))
    });
    say(&format!(
        "trained: best epoch {} of {}{}{refit}, in {}",
        report.best_epoch,
        report.search_epochs,
        early(Some(report.ending(&record.settings))),
        human::time(report.train_seconds)
    ));
    let algorithm = record.settings.algorithm;
    say_ending(report.ending(&record.settings), (algorithm, "--epochs"), config.max_time);
    let unrefitted = record.settings.refit && report.held_out.is_some() && report.refit_epochs.is_none();
    if config.max_time.is_some() && unrefitted && !algorithm.is_chain() {
        say(
            "note: --max-time left no time to train on all ratings: the model lacks those that were held out",
        );
    }
    if report.search_epochs == 0 {
        say("note: the time did not suffice for an epoch; the model knows next to nothing");
    }
    if let Some(Score { criterion, value }) =
        report.held_out.filter(|score| score.criterion != Criterion::Rmse)
    {
        say(&format!("held out: {criterion}={value:.4}"));
    }
    if let Some(rmse) = report.held_out_rmse {
        let mean = report.held_out_mean_rmse;
        let mean = mean.map_or(String::new(), |mean| format!(" (always the mean: rmse={mean:.4})"));
        say(&format!("held out: rmse={rmse:.4}{mean}"));
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
        let for_lists = report.lists.is_some() || evaluation.rating.is_none();
        if let Some(warning) = warning(evaluation, for_lists) {
            say(&warning);
        }
    }
    if let Some(folds) = &report.folds {
        summarize_folds(folds);
    }
    say(&sizes(&record.sizes));
    let top = if config.top > 0 { ", top.csv" } else { "" };
    let lists = if report.lists.is_some() { ", lists.safetensors" } else { "" };
    let test = if config.sets_test_aside() { ", test.csv" } else { "" };
    say(&format!(
        "files: {} holds report.html, model.safetensors{lists}{top}{test}, metrics.jsonl, run.json, config.toml",
        directory.path().display()
    ));
}

/// The training of the model of lists.
fn summarize_lists(lists: &ListsReport, max_time: Option<Limit>) {
    let ListsReport { settings, best_epoch, held_out, refit_epochs, train_seconds, .. } = lists;
    let refit = refit_epochs.map_or(String::new(), |epochs| {
        format!(", then on all ratings for {}", count(epochs as u64, "epoch"))
    });
    let factors = settings.factors();
    say(&format!(
        "trained for lists: {factors} factors, best epoch {best_epoch}{}{refit}, in {}",
        early(lists.ending()),
        human::time(*train_seconds)
    ));
    if let Some(ending) = lists.ending() {
        say_ending(ending, (settings.algorithm, "epochs in [lists] of a settings file"), max_time);
    }
    if let Some(Score { criterion, value }) = held_out {
        say(&format!("held out: {criterion}={value:.4}"));
    }
}

/// Why the search ended, if there is something to do about it.
fn say_ending(ending: Ending, (algorithm, limit): (Algorithm, &str), max_time: Option<Limit>) {
    let what = if algorithm.is_chain() { "draw" } else { "epoch" };
    match ending {
        Ending::Limit(epochs) => say(&format!(
            "note: the limit of {} was reached: more may help ({limit})",
            count(epochs as u64, what)
        )),
        Ending::Cut(missing) if max_time.is_some() => {
            let (made, most) =
                (if missing == 1 { "was" } else { "were" }, if algorithm.is_chain() { "" } else { "up to " });
            say(&format!("note: ended by --max-time: {most}{} {made} not made", count(missing as u64, what)));
        }
        _ => {}
    }
}

/// That the search ended early, in brackets.
fn early(ending: Option<Ending>) -> String {
    match ending {
        Some(Ending::NoGain(epochs)) => {
            format!(" (stopped early: no gain in {})", count(epochs as u64, "epoch"))
        }
        _ => String::new(),
    }
}

/// Adds to the errors their intervals, the baselines, and the list metrics.
fn summarize_test(evaluation: &Evaluation) {
    if let Some(Rating { rmse, .. }) = &evaluation.rating
        && let Estimate { interval: Some([low, high]), .. } = rmse.model
    {
        let biases = rmse.biases.value;
        say(&format!("test: rmse is {low:.4} to {high:.4} with 95 % (biases alone: rmse={biases:.4})"));
    }
    let metrics = evaluation.lists();
    if !metrics.is_empty() {
        let model = some_lists(metrics, |found| format!("{:.4}", found.model.value));
        let most_rated = some_lists(metrics, |found| format!("{:.4}", found.most_rated.value));
        say(&format!("test lists: {model} (most rated items: {most_rated})"));
    }
}

fn summarize_folds(found: &CrossValidation) {
    let of = |OverFolds { mean, sd }| format!("{mean:.4} sd {sd:.4}");
    let CrossValidation { rmse, mae, ranking, folds } = found;
    if let (Some(rmse), Some(mae)) = (rmse, mae) {
        say(&format!(
            "{} folds: rmse={} mae={} (biases alone: rmse={:.4}, always the mean: rmse={:.4})",
            folds.len(),
            of(rmse.model),
            of(mae.model),
            rmse.biases.mean,
            rmse.mean.mean
        ));
    }
    if !ranking.is_empty() {
        let model = some_lists(ranking, |found| of(found.model));
        let most_rated = some_lists(ranking, |found| format!("{:.4}", found.most_rated.mean));
        say(&format!("{} folds, lists: {model} (most rated items: {most_rated})", folds.len()));
    }
}
