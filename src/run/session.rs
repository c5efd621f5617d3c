//! The whole of a run: read, hold out, train, test, write. Tells whoever watches; prints nothing.

use super::RunDirectory;
use super::config::{Config, Slice};
use super::metrics::Metrics;
use super::plan::Plan;
use super::record::{Input, Record};
use super::report::Report;
use super::{held_out, names, write};
use crate::eval::accuracy;
use crate::input::{ReadReport, read_names, read_ratings};
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
        Some(Slice::Fraction(fraction)) => Some(held_out::take(&mut data, *fraction, seed)?),
        Some(Slice::File(path)) => Some(held_out::read(path, &config.input)?),
    };
    let valid = match &config.valid_file {
        None => None,
        Some(path) => {
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
    result.test = test.map(|test| accuracy(&model, &test, outcome.scale.mean));
    if config.top > 0 {
        write::top(&model, config, item_names.as_deref(), directory)?;
    } else if directory.file(names::TOP).exists() {
        // Of the run that was here before.
        std::fs::remove_file(directory.file(names::TOP)).map_err(Error::write(directory.file(names::TOP)))?;
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
    let (data, report) = read_ratings(&config.ratings, &config.input, &mut progress)?;
    let plan = Plan::new(data.ratings.len(), (data.users.len(), data.items.len()), config.training.factors());
    let _ = observe(&RunEvent::Read { report: &report, plan });
    Ok((data, (report, plan)))
}
