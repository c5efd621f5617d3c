//! The progress of training: a bar on a terminal, otherwise a line per epoch without control characters.

use crate::flags::names::{flag, message, with_flags};
use crate::flags::progress::{ProgressArguments, Show};
use crate::show::aside::Aside;
use crate::show::bar::Bar;
use crate::show::begun::{begun, shared};
use crate::show::human;
use crate::show::metrics::in_a_line;
use crate::show::phase::{left, place};
use crate::show::talk::{count, log, say};
use crate::terminal::is_watched;
use mfgpu::input::ReadReport;
use mfgpu::run::{PhaseProgress, RunEvent};
use mfgpu::train::{Criterion, Epoch, Event, Objective, Phase, Score};

/// How what has no known end looks.
const SPINNER: &str = "{spinner} {prefix}  {msg}";

/// Shows the events of a run.
pub(crate) struct Progress {
    bar: Option<Bar>,
    at: PhaseProgress,
    lines: bool,
    quiet: bool,
    verbose: bool,
    /// What the model that is trained is for.
    objective: Objective,
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Progress {
    pub(crate) fn new(arguments: &ProgressArguments) -> Self {
        let quiet = arguments.quiet;
        let show = match arguments.progress.unwrap_or(Show::Auto) {
            Show::Auto if is_watched() => Show::Bar,
            Show::Auto => Show::Plain,
            show => show,
        };
        let bar = (show == Show::Bar && !quiet).then(|| Bar::spinner(SPINNER));
        Self {
            bar,
            at: PhaseProgress::default(),
            lines: show == Show::Plain && !quiet,
            quiet,
            verbose: arguments.verbose,
            objective: Objective::Ratings,
        }
    }

    /// Shows an event.
    pub(crate) fn show(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Reading { bytes, ratings } => {
                self.spin("reading", || format!("{}, {}", human::size(*bytes), count(*ratings, "rating")));
            }
            RunEvent::Read { report, plan } => {
                self.read(report);
                let (ratings, users, items) = (plan.ratings, plan.users, plan.items);
                self.line(&format!(
                    "data: {}, {}, {}",
                    count(ratings, "rating"),
                    count(users, "user"),
                    count(items, "item")
                ));
                if plan.piece_bytes > 0 {
                    self.line(&format!(
                        "ratings stay on disk, and are read a part at a time, through {} of memory",
                        human::size(plan.piece_bytes)
                    ));
                }
            }
            RunEvent::SetAside { setting, slice, ratings, timed } => {
                let order =
                    if *timed { "by time" } else { "by the order of the file: no column of times is known" };
                self.line(&format!(
                    "set aside: {} {slice} takes {}, {order}",
                    flag(setting),
                    count(*ratings, "rating")
                ));
            }
            RunEvent::Begun { from, of } => begun(from, *of).iter().for_each(|line| self.line(line)),
            RunEvent::TrainedOn { setting, ratings } => {
                let some = ratings.map_or("perhaps some".into(), |number| count(number, "rating"));
                self.line(&format!(
                    "note: of what {} sets aside, the model to begin from was trained on {some}: errors on \
                     it are too low",
                    flag(setting)
                ));
            }
            RunEvent::Shared { setting, shared } => self.line(&self::shared(flag(setting), shared)),
            RunEvent::Fold { number, of, ratings, test } => {
                let (ratings, test) = (count(*ratings, "rating"), count(*test, "rating"));
                self.line(&format!("fold {number} of {of}: {ratings} to train on, {test} to measure by"));
            }
            RunEvent::Folded { number, of, evaluation } => {
                self.line(&format!("fold {number} of {of}: {}", in_a_line(evaluation)));
                if number == of {
                    self.line("folds are measured; the model learns from all ratings");
                }
            }
            RunEvent::Dropped { ratings } if *ratings > 0 => {
                let dropped = count(*ratings, "rating");
                self.line(&format!("held out: {dropped} dropped, of users or items without ratings"));
            }
            RunEvent::Damaged { error } => {
                self.line(&format!("warning: {}; the checkpoint before it is taken", message(error)));
            }
            RunEvent::Lost { error } => self.line(&format!("warning: {}", message(error))),
            RunEvent::Resumed { from, found, other_device } => {
                if let Some(device) = other_device {
                    self.line(&format!(
                        "note: the run was on another device ({device}); the result will not be the same to the bit"
                    ));
                }
                self.line(&match from {
                    Some((phase, epoch)) => {
                        format!("going on: phase={} after epoch={epoch}", phase.name())
                    }
                    None if *found => "going on: all is trained".into(),
                    None => "going on: there is no checkpoint yet, so from the beginning".into(),
                });
            }
            RunEvent::Objective { objective, how } => {
                self.objective = *objective;
                let what = objective.name();
                let how = how.as_ref().map_or(String::new(), |how| format!(": {how}"));
                self.line(&format!("training for {what}{how}"));
            }
            RunEvent::Ranks { count, hosts, warnings } => {
                let machines = if *hosts == 1 { "one machine".into() } else { format!("{hosts} machines") };
                self.line(&format!("ranks: {count} processes on {machines}"));
                warnings.iter().for_each(|warning| self.line(&format!("warning: {warning}")));
            }
            RunEvent::Writing => self.writing(),
            RunEvent::Training(event) => self.training(event),
            _ => {}
        }
    }

    fn writing(&self) {
        if let Some(bar) = &self.bar {
            bar.style(SPINNER);
        }
        self.spin("writing", String::new);
    }

    /// Says what was read, and what is odd about it.
    pub(crate) fn read(&self, report: &ReadReport) {
        for file in &report.files {
            let what = match &file.layout[..] {
                "" => "empty".into(),
                layout => format!("{layout}, {}", report.feedback.words()),
            };
            self.line(&format!("read: {}: {what}", file.path.display()));
            if !file.columns.is_empty() {
                self.line(&format!("columns: {}", file.columns));
            }
        }
        for doubt in &report.doubts {
            self.line(&format!("warning: {}", with_flags(doubt)));
        }
        if report.missing > 0 {
            self.line(&format!(
                "missing: {} left out, which stand for no rating",
                count(report.missing, "value")
            ));
        }
        if let Some(first) = &report.first_skipped {
            self.line(&format!(
                "skipped: {}, the first: {}",
                count(report.skipped, "bad row"),
                with_flags(first)
            ));
        }
        if report.duplicates > 0 {
            let (merged, how) = (count(report.duplicates, "rating"), with_flags(&report.merged));
            self.line(&format!("duplicates: {merged} merged; {how}"));
        }
    }

    fn training(&mut self, event: &Event) {
        self.at.hear(event);
        match event {
            Event::Begin { phase, epochs, .. } => {
                if let Some(bar) = &self.bar {
                    bar.style(if *phase == Phase::Race { SPINNER } else { "{prefix} [{bar:24}] {msg}" });
                    bar.begin(*epochs as u64);
                    bar.more("");
                    bar.what(&place(&self.at, self.objective));
                }
            }
            Event::Turn { .. } => {
                if let Some(bar) = &self.bar {
                    bar.what(&place(&self.at, self.objective));
                    bar.more(self.at.left().map_or(String::new(), left).trim_start_matches(", "));
                    bar.draw();
                }
            }
            Event::Epoch { phase, epoch } => self.epoch(*phase, epoch),
            Event::Raced { candidate, epochs, held_out, kept } => {
                let regularization = candidate.regularization();
                let what = match candidate.settings().algorithm.objective() {
                    Objective::Ratings => {
                        let (start, views) = (candidate.start().name(), candidate.views());
                        format!("start={start} regularization={regularization} views={views}")
                    }
                    Objective::Lists => {
                        let (factors, weight) =
                            (candidate.settings().factors(), candidate.unobserved_weight());
                        format!(
                            "factors={factors} unobserved_weight={weight} regularization={regularization}"
                        )
                    }
                };
                let criterion = held_out.map_or(Criterion::Rmse, |score| score.criterion);
                let value = held_out.map_or(criterion.worst(), |score| score.value);
                self.line(&format!(
                    "race {what} epochs={epochs} held_out_{criterion}={value:.4} kept={kept}"
                ));
            }
            Event::DeviceFailed { why, from, fallback } => {
                let next = if *fallback { "the CPU takes over" } else { "it is opened again" };
                let from = from.map_or("from the beginning".into(), |(phase, epoch)| {
                    format!("phase={} after epoch={epoch}", phase.name())
                });
                self.line(&format!("warning: the device failed: {}; {next}, {from}", with_flags(why)));
            }
            Event::RolledBack { epoch, to, learning_rate } => self.line(&format!(
                "diverged epoch={epoch}: going on from epoch={to} with learning_rate={learning_rate}"
            )),
            _ => {}
        }
    }

    fn epoch(&self, phase: Phase, epoch: &Epoch) {
        let scores = [epoch.held_out, epoch.test];
        let measured = |text: [&str; 2], named: bool| -> String {
            let measured = text.into_iter().zip(scores).filter_map(|(text, score)| {
                let Score { criterion, value } = score?;
                let name = if named { format!("_{criterion}=") } else { " ".into() };
                Some(format!("{text}{name}{value:.4}"))
            });
            measured.collect()
        };
        let Epoch { epoch, train_rmse, seconds, ratings_per_second, .. } = *epoch;
        if let Some(bar) = &self.bar {
            let measured = measured([", held out", ", test"], false);
            bar.at(epoch as u64);
            bar.what(&place(&self.at, self.objective));
            let error = if self.objective == Objective::Lists { "error" } else { "rmse" };
            let speed = ratings_per_second / 1e6;
            let left = self.at.left().map_or(String::new(), left);
            bar.more(&format!("{error} {train_rmse:.4}{measured}, {speed:.1} M/s{left}"));
        }
        let measured = measured([" held_out", " test"], true);
        let error = if self.objective == Objective::Lists { "train_error" } else { "train_rmse" };
        let line = format!(
            "epoch={epoch} phase={} {error}={train_rmse:.4}{measured} \
             ratings_per_second={ratings_per_second:.0} seconds={seconds:.3}",
            phase.name()
        );
        if self.lines && (phase != Phase::Race || self.verbose) { say(&line) } else { log(&line) }
    }

    /// Where lines of others are to be written while this lives.
    pub(crate) fn aside(&self) -> Aside {
        Aside { bar: self.bar.clone(), quiet: self.quiet }
    }

    /// Restores the terminal.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.remove();
        }
    }

    fn spin(&self, what: &'static str, message: impl FnOnce() -> String) {
        if let Some(bar) = &self.bar {
            bar.what(what);
            bar.more(&message());
            bar.draw();
        }
    }

    fn line(&self, line: &str) {
        self.aside().line(line);
    }
}
