//! A whole run: read, hold out, train, test, write. It reports to an observer and prints nothing.

use super::apart;
use super::checkpoint_file::Header;
use super::checkpoints::Checkpoints;
use super::config::Config;
use super::context::Context;
use super::crew::{Compared, Crew, Standing};
use super::device::Engines;
use super::directory::RunDirectory;
use super::event::{Observe, RunEvent};
use super::finish::Finish;
use super::folds::cross_validate;
use super::lists;
use super::material::{Given, Material};
use super::metrics::{self, Metrics};
use super::names;
use super::part::Part;
use super::ranks::Ranks;
use super::record::{About, Record};
use super::report::{ListsReport, Report};
use super::status::{Reporter, Status};
use super::time_left::TimeLeft;
use super::warm::Begin;
use crate::stop::Stop;
use crate::train::engine::Device;
use crate::train::{Checkpoint, Event, Objective, Outcome, State};
use crate::{Error, Result};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Instant;

/// Runs a training and leaves the model and all other files in `directory`. A run that is there stays as it is
/// until this one is complete.
///
/// # Errors
/// Errors of the settings, the input, training, and writing; [`Error::Stopped`] if the token of the context
/// was raised, after what is needed to resume was saved.
pub fn run(
    config: &Config,
    directory: &RunDirectory,
    context: &mut Context,
    observe: &mut Observe,
) -> Result<Record> {
    let mut training = false;
    let mut observe = |event: &RunEvent| {
        training |= matches!(event, RunEvent::Training(_));
        observe(event)
    };
    let crew = context.world.clone().map(|comm| Rc::new(Crew::new(comm)));
    let mut begin = || {
        config.check()?;
        apart::check(config, directory.path())?;
        directory.check_names(|name| config.may_write(name))?;
        let given = config;
        let (config, begin) = Begin::of(config)?;
        config.write_to(directory.writing(names::CONFIG)?)?;
        announce(crew.as_ref(), given)?;
        Run::new(&config, directory, context, crew.as_ref()).go(context.device, false, begin, &mut observe)
    };
    let record = begin();
    if let Some(crew) = &crew {
        crew.dismiss();
    }
    if let Err(error) = &record
        && !training
        && !matches!(error, Error::Stopped { .. })
    {
        // The reason of the end says more than that of what is left.
        let _ = directory.give_up();
    }
    let record = record?;
    directory.complete()?;
    Ok(record)
}

/// Resumes an unfinished run from its newest sound checkpoint, or from the beginning if there is none yet.
/// The result is the same, bit for bit, as that of an uninterrupted run.
///
/// # Errors
/// As for [`run`]; [`Error::Damaged`] if no checkpoint is sound, or if the ratings or settings have changed.
pub fn resume(
    config: &Config,
    directory: &RunDirectory,
    context: &mut Context,
    observe: &mut Observe,
) -> Result<Record> {
    let crew = context.world.clone().map(|comm| Rc::new(Crew::new(comm)));
    let mut go = || {
        config.check()?;
        apart::check(config, directory.path())?;
        let given = config;
        let (config, begin) = Begin::of(config)?;
        announce(crew.as_ref(), given)?;
        Run::new(&config, directory, context, crew.as_ref()).go(context.device, true, begin, observe)
    };
    let record = go();
    if let Some(crew) = &crew {
        crew.dismiss();
    }
    let record = record?;
    directory.complete()?;
    Ok(record)
}

/// Tells the other processes the settings.
fn announce(crew: Option<&Rc<Crew>>, config: &Config) -> Result<()> {
    crew.map_or(Ok(()), |crew| crew.announce(config))
}

/// A run in progress.
struct Run<'a> {
    config: &'a Config,
    directory: &'a RunDirectory,
    about: &'a About,
    stop: &'a Stop,
    /// The other processes, if several train.
    crew: Option<Rc<Crew>>,
    reporter: Reporter,
    time: TimeLeft,
}

impl<'a> Run<'a> {
    fn new(
        config: &'a Config,
        directory: &'a RunDirectory,
        context: &Context<'a>,
        crew: Option<&Rc<Crew>>,
    ) -> Self {
        let Context { about, stop, .. } = *context;
        let crew = crew.cloned();
        let About { device, began, command } = about.clone();
        let (version, process) = (env!("CARGO_PKG_VERSION").into(), std::process::id());
        let status = Status { version, command, began, device, process, ..Status::default() };
        let reporter = Reporter::new(directory, status);
        Self { config, directory, about, stop, crew, reporter, time: TimeLeft::new(config.max_time) }
    }

    /// Runs to the end, and records in the status how the run ended.
    fn go(
        mut self,
        device: &mut Device,
        resumed: bool,
        begin: Option<Begin>,
        observe: &mut Observe,
    ) -> Result<Record> {
        let record = self.stages(device, resumed, begin, observe);
        self.reporter.end(record.as_ref().err());
        record
    }

    fn stages(
        &mut self,
        device: &mut Device,
        resumed: bool,
        begin: Option<Begin>,
        observe: &mut Observe,
    ) -> Result<Record> {
        let clock = Instant::now();
        let reporter = &mut self.reporter;
        let given = (Given::default(), self.directory.work());
        let material = Material::of(self.config, given, begin, self.stop, &mut |event| {
            reporter.hear(event);
            observe(event)
        });
        let material = self.compared(material, observe)?;
        let read_seconds = clock.elapsed().as_secs_f64();
        let measured = material.test.as_ref().filter(|_| !self.config.evaluation.cutoffs.is_empty());
        let measured = measured.map_or(0, |test| test.ratings.len().min(test.users.len()) as u64);
        let listed = if self.config.top > 0 { material.sizes.users } else { 0 };
        let lists = (listed + measured, self.config.top);
        let config = &self.config.decided(material.data.feedback)?;
        if !resumed {
            config.write_to(self.directory.writing(names::CONFIG)?)?;
        }
        self.time.reserve(&material.sizes, &config.training, lists);
        let (outcome, mut result) = self.train(config, &material, device, resumed, observe)?;
        result.read_seconds = read_seconds;
        self.reporter.hear(&RunEvent::Writing);
        let _ = observe(&RunEvent::Writing);
        let Self { directory, about, stop, reporter, .. } = self;
        let status = &reporter.status;
        Finish { config, directory, about, device, stop, status }.write(material, outcome, result)
    }

    /// Compares what this process has read with the others.
    fn compared(&mut self, material: Result<Material>, observe: &mut Observe) -> Result<Material> {
        let Some(crew) = &self.crew else { return material };
        let checksums = |material: &Material| {
            Ok((material.checksum()?, self.config.decided(material.data.feedback)?.checksum()?))
        };
        let found = material.as_ref().map_or_else(
            |error| Err(error.to_string()),
            |material| checksums(material).map_err(|error: Error| error.to_string()),
        );
        let compared = crew.compare(&Standing::of(found));
        let material = material?;
        let Compared { hosts, warnings } = compared?;
        let count = crew.comm.share().size;
        let _ = observe(&RunEvent::Ranks { count, hosts, warnings: &warnings });
        Ok(material)
    }

    /// Measures the folds and trains, from a checkpoint if there is one.
    fn train(
        &mut self,
        config: &Config,
        material: &Material,
        device: &mut Device,
        resumed: bool,
        observe: &mut Observe,
    ) -> Result<(Outcome, Report)> {
        let Material { data, valid, warm, .. } = material;
        let begun = warm.checksum();
        let header = Header::new(config, (&material.checksum()?, begun.as_deref()), &self.about.device)?;
        let every = config.checkpoint_every;
        let mut checkpoints = Checkpoints::new(self.directory, header, every, self.stop)?;
        let ranks = Ranks::of(config, device, self.crew.as_ref());
        let mut open = |problem, state: &State| device.engine(problem, state);
        let mut engines = Engines::new(&mut open, ranks);
        let mut from = if resumed { take_up(&mut checkpoints, observe)? } else { None };
        let begun = from.is_some() && checkpoints.header.objective == Objective::Lists;
        // Folds run again, and their models of lists with them.
        let kept =
            resumed && config.has_lists_beside() && !begun && (from.is_some() || config.folds.is_none());
        let finished = if kept { lists::finished(self.directory, &checkpoints.header)? } else { None };
        let logged = if from.is_none() && finished.is_some() {
            metrics::From::Ratings
        } else {
            metrics::From::Checkpoint(checkpoints.header.metrics.clone())
        };
        let (metrics, lost) = Metrics::open(self.directory, logged)?;
        if let Some(error) = &lost {
            let _ = observe(&RunEvent::Lost { error });
        }
        let metrics = Rc::new(RefCell::new(metrics));
        checkpoints.metrics = Some(Rc::clone(&metrics));
        let (reporter, time, stop) = (&mut self.reporter, RefCell::new(&mut self.time), self.stop);
        let (directory, limited) = (self.directory, config.max_time.is_some());
        let mut observe = |event: &RunEvent| {
            reporter.hear(event);
            if let RunEvent::Objective { objective, .. } = event {
                metrics.borrow_mut().objective = *objective;
            }
            if let RunEvent::Training(Event::Epoch { phase, epoch }) = event {
                metrics.borrow_mut().add(*phase, epoch);
            }
            let over = matches!(event, RunEvent::Training(event) if time.borrow_mut().is_over(event));
            if over { ControlFlow::Break(()) } else { observe(event) }
        };

        let clock = Instant::now();
        let mut result = Report::default();
        if let Some(folds) = config.folds {
            let kept = (&mut checkpoints, &mut from);
            let measured = (folds, valid);
            result.folds = cross_validate(config, data, measured, (&mut engines, kept), stop, &mut observe)?;
            result.fold_seconds = Some(clock.elapsed().as_secs_f64());
        }
        let watched = material.test.as_ref().map(|test| test.among(&data.users, &data.items).0);
        let part = |objective| Part {
            config,
            objective,
            fold: None,
            data,
            valid,
            test: watched.as_ref(),
            warm: warm.of(objective),
            may_end: limited,
        };
        if config.has_lists_beside() {
            result.lists = if let Some(model) = finished {
                ListsReport::of(&model, 0.0)
            } else {
                let clock = Instant::now();
                time.borrow_mut().begin_half();
                let outcome = part(Objective::Lists).train(
                    &mut engines,
                    (Some(&mut checkpoints), from.take()),
                    &mut observe,
                )?;
                // What the log lacks when this file is there would be missing in it for good.
                metrics.borrow_mut().settle()?;
                let (seconds, keep) = (clock.elapsed().as_secs_f64(), config.keep_ratings);
                let titles = material.item_names.as_deref();
                lists::write(outcome, (data, titles), keep, (directory, &checkpoints.header), seconds)?
            };
            time.borrow_mut().begin_rest();
        }
        let clock = Instant::now();
        let objective = config.training.algorithm.objective();
        let outcome = part(objective).train(&mut engines, (Some(&mut checkpoints), from), &mut observe)?;
        metrics.borrow_mut().settle()?;
        let train_seconds = clock.elapsed().as_secs_f64();
        let Report { folds, fold_seconds, lists, .. } = result;
        let ranks = engines.traffic;
        let result = Report { folds, lists, ranks, fold_seconds, train_seconds, ..Report::of(&outcome) };
        Ok((outcome, result))
    }
}

/// Reads the newest sound checkpoint and reports where the run resumes.
fn take_up(checkpoints: &mut Checkpoints, observe: &mut Observe) -> Result<Option<Checkpoint<'static>>> {
    let newest = checkpoints.newest(&mut |error| {
        let _ = observe(&RunEvent::Damaged { error });
    })?;
    let Some((header, checkpoint)) = newest else {
        let _ = observe(&RunEvent::Resumed { from: None, found: false, other_device: None });
        return Ok(None);
    };
    let from = checkpoint.phase().map(|phase| (phase, checkpoint.last_epoch().map_or(0, |last| last.epoch)));
    let other_device = Some(header.device.as_str()).filter(|device| *device != checkpoints.header.device);
    let _ = observe(&RunEvent::Resumed { from, found: true, other_device });
    checkpoints.header.metrics = header.metrics;
    checkpoints.header.folds = header.folds;
    checkpoints.header.fold_lists = header.fold_lists;
    checkpoints.header.objective = header.objective;
    Ok(Some(checkpoint))
}
