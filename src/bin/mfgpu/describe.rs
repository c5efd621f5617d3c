//! `mfgpu describe`.

use crate::devices::table;
use crate::human::{size, thousands, time};
use crate::input::InputArguments;
use crate::metrics::in_a_line;
use crate::talk::count;
use clap::Args;
use mfgpu::eval::{CrossValidation, OverFolds};
use mfgpu::files::Sink;
use mfgpu::input::read_ratings;
use mfgpu::model::{FILE_NAME, Model};
use mfgpu::ratings::{Ratings, Scale};
use mfgpu::run::{Plan, Record, Report, State, Status, names};
use mfgpu::{Error, Result};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Say what is in a file of ratings, a model, or a run
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mfgpu describe ratings.csv\n  mfgpu describe runs/20260101-120000-ratings"
)]
pub(crate) struct Describe {
    /// A file of ratings, a model.safetensors, or a run directory
    what: PathBuf,
    #[command(flatten)]
    input: InputArguments,
}

type Lines = Vec<[String; 2]>;

impl Describe {
    /// Describes.
    pub(crate) fn run(&self) -> Result<()> {
        let mut lines = Vec::new();
        let inside = self.what.join(names::RECORD);
        if self.what.is_dir() && inside.exists() {
            run(&mut lines, &Record::load(&inside)?);
        }
        let status = Status::load(&self.what).ok().filter(|status| status.state != State::Finished);
        if let Some(status) = status.filter(|_| self.what.is_dir()) {
            // A run on its way, or one that did not come to its end.
            live(&mut lines, &status);
        } else if self.what.is_dir() {
            if !self.what.join(FILE_NAME).exists() {
                let here = self.what.display();
                return Err(Error::Input(format!("{here}: a directory without {FILE_NAME}, expected a run")));
            }
            model(&mut lines, &Model::load(&self.what)?);
        } else if is_model(&self.what)? {
            model(&mut lines, &Model::load(&self.what)?);
        } else {
            self.ratings(&mut lines)?;
        }
        let mut out = Sink::open("-")?;
        out.put(table(&lines).as_bytes())?;
        out.commit()
    }

    fn ratings(&self, lines: &mut Lines) -> Result<()> {
        let paths = [self.what.clone()];
        let (data, report) = read_ratings(&paths, &self.input.options(), &mut |_, _| {})?;
        for file in &report.files {
            add(lines, "layout", file.layout.clone());
        }
        if report.skipped > 0 {
            add(lines, "bad rows", thousands(report.skipped));
        }
        if report.duplicates > 0 {
            add(lines, "duplicates", thousands(report.duplicates));
        }
        let shape = (data.users.len(), data.items.len());
        counts(lines, data.ratings.len() as u64, shape);
        scale(lines, &data.ratings);
        add(lines, "ratings a user", quantiles(&data.ratings.users, shape.0));
        add(lines, "ratings an item", quantiles(&data.ratings.items, shape.1));
        Ok(())
    }
}

/// A safetensors file starts with the length of its header, then the header, which is JSON.
fn is_model(path: &Path) -> Result<bool> {
    if path.as_os_str() == "-" {
        return Ok(false);
    }
    let mut start = Vec::new();
    File::open(path).and_then(|file| file.take(9).read_to_end(&mut start)).map_err(Error::read(path))?;
    let named = path.extension().is_some_and(|extension| extension == "safetensors");
    Ok(named || (start.len() == 9 && start[8] == b'{' && start[7] == 0))
}

fn live(lines: &mut Lines, status: &Status) {
    add(lines, "run", format!("{}, mfgpu {}", status.began, status.version));
    add(lines, "state", status.state.name().into());
    add(lines, "as of", status.updated.clone());
    add(lines, "command", status.command.join(" "));
    add(lines, "device", status.device.clone());
    if let Some(phase) = &status.phase {
        add(lines, "phase", format!("{phase}, epoch {} of at most {}", status.epoch, status.epochs));
    }
    if let Some(rmse) = status.best_held_out_rmse {
        add(lines, "best held out", format!("rmse {rmse:.4}"));
    }
    if let Some(seconds) = status.eta_seconds {
        add(lines, "phase ends in", format!("at most about {}", time(seconds)));
    }
    if let Some(why) = &status.why {
        add(lines, "because", why.clone());
    }
}

fn run(lines: &mut Lines, record: &Record) {
    add(lines, "run", format!("{}, mfgpu {}", record.began, record.version));
    add(lines, "command", record.command.join(" "));
    add(lines, "device", record.device.clone());
    for input in &record.inputs {
        let bytes = input.bytes.map_or(String::new(), |bytes| format!(", {}", size(bytes)));
        add(lines, "input", format!("{}{bytes}, {} rows", input.path, thousands(input.rows)));
    }
    let report = &record.report;
    let [read, trained, written] =
        [report.read_seconds, report.train_seconds, report.write_seconds].map(time);
    let folds = report.fold_seconds.map_or(String::new(), |seconds| format!(", folds {}", time(seconds)));
    add(lines, "time", format!("read {read}{folds}, trained {trained}, tested and written {written}"));
    evaluations(lines, report);
}

fn evaluations(lines: &mut Lines, report: &Report) {
    if let Some(evaluation) = &report.evaluation {
        let ratings = count(evaluation.rating.ratings, "rating");
        add(lines, "test", format!("{}, {ratings}", in_a_line(evaluation)));
    }
    if let Some(CrossValidation { rmse, mae, folds, .. }) = &report.folds {
        let of = |OverFolds { mean, sd }| format!("{mean:.4} (sd {sd:.4})");
        add(
            lines,
            &format!("{} folds", folds.len()),
            format!("rmse {}, mae {}", of(rmse.model), of(mae.model)),
        );
    }
}

fn model(lines: &mut Lines, model: &Model) {
    let shape = (model.users.len(), model.items.len());
    let factors = model.draws[0].users.columns();
    add(lines, "factors", factors.to_string());
    if model.rated.is_kept() {
        counts(lines, model.rated.len() as u64, shape);
    } else {
        add(lines, "users", thousands(shape.0 as u64));
        add(lines, "items", thousands(shape.1 as u64));
        add(lines, "ratings", "not kept".into());
    }
    add(lines, "range", format!("{} to {}", model.range.0, model.range.1));
    for part in ["settings", "metrics"] {
        for (name, value) in model.about[part].as_object().into_iter().flatten() {
            if !value.is_null() && name != "ratings" && name != "factors" {
                add(lines, &name.replace('_', " "), value.as_str().map_or(value.to_string(), Into::into));
            }
        }
    }
    let plan = Plan::new(model.rated.len(), shape, factors);
    add(lines, "whole matrix", size(plan.matrix_bytes));
    add(lines, "factors take", size(plan.factor_bytes));
}

fn counts(lines: &mut Lines, ratings: u64, (users, items): (usize, usize)) {
    add(lines, "ratings", thousands(ratings));
    add(lines, "users", thousands(users as u64));
    add(lines, "items", thousands(items as u64));
    let density = 100.0 * ratings as f64 / (users as f64 * items as f64).max(1.0);
    add(lines, "density", format!("{density:.3} %"));
}

fn scale(lines: &mut Lines, ratings: &Ratings) {
    let Scale { mean, deviation, low, high } = Scale::of(ratings);
    add(lines, "scale", format!("{low} to {high}, mean {mean:.3}, deviation {deviation:.3}"));
    let mut levels: Vec<u32> = Vec::new();
    for value in &ratings.values {
        if let Err(at) = levels.binary_search(&value.to_bits()) {
            levels.insert(at, value.to_bits());
            if levels.len() > 100 {
                return add(lines, "levels", "more than 100".into());
            }
        }
    }
    add(lines, "levels", levels.len().to_string());
}

/// The least, the quartiles, the 99th percentile and the most active of the rows.
fn quantiles(rows: &[u32], count: usize) -> String {
    let mut activity = vec![0_u64; count];
    rows.iter().for_each(|&row| activity[row as usize] += 1);
    activity.sort_unstable();
    let at = |part: f64| thousands(activity[((count - 1) as f64 * part).round() as usize]);
    let [least, quarter, half, most_of, nearly, most] = [0.0, 0.25, 0.5, 0.75, 0.99, 1.0].map(at);
    format!("least {least}, 25% {quarter}, 50% {half}, 75% {most_of}, 99% {nearly}, most {most}")
}

fn add(lines: &mut Lines, name: &str, value: String) {
    lines.push([name.to_owned(), value]);
}
