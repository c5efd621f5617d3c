//! The status of a run, and its results.

use super::axes::AxesArguments;
use super::description::Description;
use super::model;
use crate::flags::names::with_flags;
use crate::show::human::{size, thousands, time};
use crate::show::metrics::in_a_line;
use crate::show::talk::count;
use mfgpu::eval::{CrossValidation, OverFolds};
use mfgpu::files::entries;
use mfgpu::model::FILE_NAME;
use mfgpu::run::{ListsReport, Record, Report, State, Status, is_next, names};
use mfgpu::train::Score;
use mfgpu::{Error, Result};
use std::path::Path;

/// Describes a run, finished or not.
pub(super) fn describe(what: &Path, axes: &AxesArguments) -> Result<Description> {
    let mut about = Description::of("run");
    let inside = what.join(names::RECORD);
    if inside.exists() {
        let record = Record::load(&inside)?;
        run(&mut about, &record);
        about.part("record", &record)?;
    }
    let status = Status::load(what).ok();
    if let Some(status) = &status {
        about.part("status", status)?;
    }
    for path in entries(what).unwrap_or_default().iter().filter(|path| is_next(path)) {
        if let Ok(next) = Status::load(path) {
            let phase = next.phase.map_or(String::new(), |phase| format!(", {phase}, epoch {}", next.epoch));
            about.line("replaced by", format!("{} ({}{phase})", path.display(), next.state.name()));
        }
    }
    if let Some(status) = status.filter(|status| status.state != State::Finished) {
        // The run is in progress, or ended early.
        live(&mut about, &status);
        return Ok(about);
    }
    if !what.join(FILE_NAME).exists() {
        let here = what.display();
        return Err(Error::Input(format!(
            "{here}: a run without {FILE_NAME}; `mfgpu resume` goes on with it"
        )));
    }
    let mut of_model = model::describe(what, axes)?;
    about.lines.append(&mut of_model.lines);
    about.below = of_model.below;
    about.part("model", of_model.parts)?;
    Ok(about)
}

fn live(about: &mut Description, status: &Status) {
    about.line("run", format!("{}, mfgpu {}", status.began, status.version));
    about.line("state", status.state.name());
    about.line("as of", &status.updated);
    about.line("command", status.command.join(" "));
    about.line("device", &status.device);
    if let Some(objective) = status.objective {
        about.line("trains for", objective.name());
    }
    if let Some(phase) = &status.phase {
        let (epoch, epochs) = (status.epoch, status.epochs);
        let setting = status.setting.map_or(String::new(), |[one, of]| format!(", setting {one} of {of}"));
        about.line("phase", format!("{phase}{setting}, epoch {epoch} of at most {epochs}"));
    }
    if let Some(Score { criterion, value }) = status.best_held_out {
        about.line("best held out", format!("{criterion} {value:.4}"));
    }
    if let Some(seconds) = status.eta_seconds {
        about.line("phase ends in", format!("at most about {}", time(seconds)));
    }
    if let Some(why) = &status.why {
        about.line("because", with_flags(why));
    }
}

fn run(about: &mut Description, record: &Record) {
    about.line("run", format!("{}, mfgpu {}", record.began, record.version));
    about.line("command", record.command.join(" "));
    about.line("device", &record.device);
    for input in &record.inputs {
        let bytes = input.bytes.map_or(String::new(), |bytes| format!(", {}", size(bytes)));
        about.line("input", format!("{}{bytes}, {} rows", input.path, thousands(input.rows)));
    }
    let report = &record.report;
    let [read, trained, written] =
        [report.read_seconds, report.train_seconds, report.write_seconds].map(time);
    let folds = report.fold_seconds.map_or(String::new(), |seconds| format!(", folds {}", time(seconds)));
    about.line("time", format!("read {read}{folds}, trained {trained}, tested and written {written}"));
    if let Some(ListsReport { settings, best_epoch, held_out, train_seconds, .. }) = &report.lists {
        let held_out = held_out
            .map_or(String::new(), |Score { criterion, value }| format!(", held out {criterion} {value:.4}"));
        let (factors, seconds) = (settings.factors(), time(*train_seconds));
        about.line(
            "lists",
            format!("{factors} factors, best epoch {best_epoch}{held_out}, trained {seconds}"),
        );
    }
    evaluations(about, report);
}

fn evaluations(about: &mut Description, report: &Report) {
    if let Some(evaluation) = &report.evaluation {
        let ratings = evaluation
            .rating
            .as_ref()
            .map_or(String::new(), |rating| format!(", {}", count(rating.ratings, "rating")));
        about.line("test", format!("{}{ratings}", in_a_line(evaluation)));
    }
    if let Some(CrossValidation { rmse: Some(rmse), mae: Some(mae), folds, .. }) = &report.folds {
        let of = |OverFolds { mean, sd }| format!("{mean:.4} (sd {sd:.4})");
        about.line(
            &format!("{} folds", folds.len()),
            format!("rmse {}, mae {}", of(rmse.model), of(mae.model)),
        );
    }
}
