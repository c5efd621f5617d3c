//! The whole of a run: read, hold out, train, test, write. Tells whoever watches; prints nothing.

use super::RunDirectory;
use super::config::Config;
use super::metrics::Metrics;
use super::plan::Plan;
use super::record::{Input, Record};
use super::report::Report;
use super::slice::Slice;
use super::{held_out, measure, names, write};
use crate::input::{ReadReport, read_names, read_ratings, read_timed_ratings};
use crate::model::Rated;
use crate::ratings::Dataset;
use crate::train::{Event, OpenEngine, Training, train};
use crate::{Error, Result};
use std::ops::ControlFlow;
use std::time::Instant;

/// What a run tells.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunEvent<'a> {
    /// So many bytes and ratings were read so far.
    Reading {
        /// Bytes of the files.
        bytes: u64,
        /// Ratings in them.
        ratings: u64,
    },
    /// All was read.
    Read {
        /// What was found in the files.
        report: &'a ReadReport,
        /// How large the run will be.
        plan: Plan,
    },
    /// Ratings were set aside by time.
    SetAside {
        /// What for: `--test` or `--valid`.
        flag: &'a str,
        /// Which.
        slice: &'a Slice,
        /// How many.
        ratings: u64,
        /// Whether their times are known; otherwise the order of the file counts.
        timed: bool,
    },
    /// Ratings of the file to stop by were dropped since their user or item has no rating to train on.
    Dropped {
        /// How many.
        ratings: u64,
    },
    /// Training says something.
    Training(&'a Event),
    /// The files are being written.
    Writing,
}

/// Who watches a run; to break is to end training with what it has.
pub type Observe<'a> = dyn FnMut(&RunEvent) -> ControlFlow<()> + 'a;

/// Reads the ratings and says how large the run would be.
///
/// # Errors
/// Those of the settings and the input.
pub fn plan(config: &Config, observe: &mut Observe) -> Result<Plan> {
    config.check()?;
    Ok(read(config, observe)?.1.1)
}

/// Runs: leaves the model and all about it in `directory`. `device` and `command` are for the record.
///
/// # Errors
/// Those of the settings, the input, training, and writing.
pub fn run(
    config: &Config,
    directory: &RunDirectory,
    (device, open): (&str, &mut OpenEngine),
    (began, command): (&str, &[String]),
    observe: &mut Observe,
) -> Result<Record> {
    config.check()?;
    config.save(&directory.file(names::CONFIG))?;
    let mut metrics = Metrics::create(&directory.file(names::METRICS))?;
    let clock = Instant::now();
    let (mut data, (report, sizes)) = read(config, observe)?;
    let item_names = config.item_names.as_ref().filter(|_| config.top > 0);
    let item_names = item_names.map(|path| read_names(path, &data.items)).transpose()?;
    let seed = config.training.seed;
    let test = match &config.test {
        None => None,
        Some(Slice::File(path)) => Some(held_out::read(path, &config.input)?),
        Some(slice) => Some(set_aside(&mut data, slice, "--test", seed, observe)?),
    };
    let valid = match &config.valid {
        None => None,
        Some(Slice::File(path)) => {
            let (ratings, dropped) = held_out::translate(&held_out::read(path, &config.input)?, &data);
            let _ = observe(&RunEvent::Dropped { ratings: dropped });
            if ratings.is_empty() {
                return Err(Error::Input(format!(
                    "{}: no rating of a known user and item, expected some to stop by",
                    path.display()
                )));
            }
            Some(ratings)
        }
        Some(slice) => Some(set_aside(&mut data, slice, "--valid", seed, observe)?.ratings),
    };
    let read_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let size = (data.users.len(), data.items.len());
    let training = Training { ratings: &data.ratings, held_out: valid.as_ref(), size };
    let mut failed = None;
    let mut outcome = train(training, &config.training, open, &mut |event| {
        if let Event::Epoch { phase, epoch } = event
            && let Err(error) = metrics.add(*phase, epoch)
        {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        observe(&RunEvent::Training(event))
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    let train_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let _ = observe(&RunEvent::Writing);
    let mut result = Report { read_seconds, train_seconds, ..Report::of(&outcome) };
    let mut model = write::model(&mut outcome, data, &result);
    let lists = config.top > 0;
    if let Some(test) = &test {
        let (accuracy, evaluation) = measure::measure(&model, test, outcome.scale.mean, lists)?;
        (result.test, result.evaluation) = (Some(accuracy), Some(evaluation));
    }
    if lists {
        write::top(&model, config, item_names.as_deref(), directory)?;
    } else {
        directory.clear(names::TOP)?;
    }
    match test {
        Some(test) if config.sets_test_aside() => measure::save(&test, directory)?,
        _ => directory.clear(names::TEST)?,
    }
    if !config.keep_ratings {
        model.rated = Rated::default();
    }
    model.save(directory.file(names::MODEL))?;
    result.write_seconds = clock.elapsed().as_secs_f64();
    let record = Record {
        version: env!("CARGO_PKG_VERSION").into(),
        command: command.to_vec(),
        began: began.into(),
        device: device.into(),
        threads: rayon::current_num_threads(),
        seed,
        inputs: Input::of(&report),
        skipped_rows: report.skipped,
        duplicates: report.duplicates,
        sizes,
        settings: outcome.settings,
        report: result,
    };
    record.save(&directory.file(names::RECORD))?;
    Ok(record)
}

fn read(config: &Config, observe: &mut Observe) -> Result<(Dataset, (ReadReport, Plan))> {
    let mut progress = |bytes, ratings| {
        let _ = observe(&RunEvent::Reading { bytes, ratings });
    };
    let timed = [&config.test, &config.valid].into_iter().flatten().any(Slice::is_timed);
    let read = if timed { read_timed_ratings } else { read_ratings };
    let (data, report) = read(&config.ratings, &config.input, &mut progress)?;
    let plan = Plan::new(data.ratings.len(), (data.users.len(), data.items.len()), config.training.factors());
    let _ = observe(&RunEvent::Read { report: &report, plan });
    Ok((data, (report, plan)))
}

/// Takes a slice that is no file out of `data`.
fn set_aside(
    data: &mut Dataset,
    slice: &Slice,
    flag: &str,
    seed: u64,
    observe: &mut Observe,
) -> Result<Dataset> {
    let timed = !data.times.is_empty();
    let taken = held_out::take(data, slice, flag, seed)?;
    if slice.is_timed() {
        let ratings = taken.ratings.len() as u64;
        let _ = observe(&RunEvent::SetAside { flag, slice, ratings, timed });
    }
    Ok(taken)
}
