//! The whole of a run: read, hold out, train, test, write. Tells whoever watches; prints nothing.

use super::RunDirectory;
use super::config::Config;
use super::event::{Observe, RunEvent};
use super::folds::cross_validate;
use super::held_out::{self, Valid};
use super::metrics::Metrics;
use super::plan::Plan;
use super::record::{Input, Record};
use super::report::Report;
use super::{names, write};
use crate::eval::evaluate;
use crate::input::{ReadReport, read_names, read_ratings, read_timed_ratings};
use crate::model::Rated;
use crate::ratings::Dataset;
use crate::train::{Event, OpenEngine, Training, train};
use crate::{Error, Result};
use std::ops::ControlFlow;
use std::time::Instant;

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
    if config.sets_test_aside() && config.reads(&directory.file(names::TEST)) {
        let file = directory.file(names::TEST);
        let here = file.display();
        return Err(Error::Usage(format!("{here} is read and would be replaced; name another --out")));
    }
    config.save(&directory.file(names::CONFIG))?;
    let mut metrics = Metrics::create(&directory.file(names::METRICS))?;
    let clock = Instant::now();
    let (mut data, (report, sizes)) = read(config, observe)?;
    let item_names = config.item_names.as_ref().filter(|_| config.top > 0);
    let item_names = item_names.map(|path| read_names(path, &data.items)).transpose()?;
    let test = held_out::test(config, &mut data, observe)?;
    let valid = Valid::of(config, &data, observe)?;
    let read_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let folds = match config.folds {
        Some(folds) => cross_validate(config, &data, (folds, &valid), open, observe)?,
        None => None,
    };
    let fold_seconds = config.folds.map(|_| clock.elapsed().as_secs_f64());

    let clock = Instant::now();
    let size = (data.users.len(), data.items.len());
    let watched = test.as_ref().map(|test| test.among(&data.users, &data.items).0);
    let training =
        Training { ratings: &data.ratings, held_out: valid.held_out(), test: watched.as_ref(), size };
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
    let mut result = Report { folds, read_seconds, fold_seconds, train_seconds, ..Report::of(&outcome) };
    let mut model = write::model(&mut outcome, data, &result);
    if let Some(test) = &test {
        let evaluation = evaluate(&model, test, &config.evaluation())?;
        (result.test, result.evaluation) = (Some(evaluation.accuracy()), Some(evaluation));
    }
    if config.top > 0 {
        write::top(&model, config, item_names.as_deref(), directory)?;
    } else {
        directory.clear(names::TOP)?;
    }
    match test {
        Some(test) if config.sets_test_aside() => write::test(&test, directory)?,
        _ if config.reads(&directory.file(names::TEST)) => {}
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
        seed: config.training.seed,
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
    let read = if config.needs_times() { read_timed_ratings } else { read_ratings };
    let (data, report) = read(&config.ratings, &config.input, &mut progress)?;
    let size = (data.users.len(), data.items.len());
    let mut plan = Plan::new(data.ratings.len(), size, config.training.factors());
    if config.folds.is_some() {
        // All ratings stay while the others than a fold's are trained on; and the fold of each.
        plan.memory_bytes += plan.ratings * (12 + 2);
    }
    let _ = observe(&RunEvent::Read { report: &report, plan });
    Ok((data, (report, plan)))
}
