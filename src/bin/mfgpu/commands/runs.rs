//! `mfgpu runs`.

use crate::flags::listing::ListingArguments;
use crate::flags::paths::{Content, Reads, reads};
use crate::show::human;
use crate::show::listing::{Cell, write};
use crate::show::talk::say;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::eval::{Evaluation, Metric};
use mfgpu::files::entries;
use mfgpu::output::Kind;
use mfgpu::run::{Config, Objectives, Record, State, Status, is_next, names};
use mfgpu::train::{Algorithm, Objective};
use mfgpu::{Error, Result};
use std::path::{Path, PathBuf};

/// Where runs are unless another directory is named.
const USUAL: &str = "runs";

/// The length at which lists are compared.
const CUTOFF: usize = 10;

/// The columns. Programs see all of them, people those that hold something.
const COLUMNS: [(&str, Kind); 15] = [
    ("run", Kind::Bytes),
    ("state", Kind::Bytes),
    ("algorithm", Kind::Bytes),
    ("objective", Kind::Bytes),
    ("factors", Kind::Count),
    ("list_factors", Kind::Count),
    ("test_rmse", Kind::Double),
    ("ndcg@10", Kind::Double),
    ("seconds", Kind::Double),
    ("phase", Kind::Bytes),
    ("epoch", Kind::Count),
    ("epochs", Kind::Count),
    ("best_held_out_rmse", Kind::Double),
    ("eta_seconds", Kind::Double),
    ("began", Kind::Bytes),
];

/// List the runs of a directory: how they stand, and how good they are
///
/// The state is reading, training, writing, finished, stopped, failed, or died; `mfgpu resume` resumes the
/// last three. A finished run has its RMSE on the test and the NDCG of its lists, if it has a test, and the
/// seconds that it took; another one has its phase, epoch, and how long the phase takes yet at most.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mfgpu runs\n  mfgpu runs experiments --json\n  mfgpu runs -o runs.csv")]
pub(crate) struct Runs {
    /// Where to look: a directory with runs, or a run
    #[arg(default_value = USUAL, value_parser = reads(Content::Runs), value_hint = AnyPath)]
    directory: Reads,
    #[command(flatten)]
    listing: ListingArguments,
}

impl Runs {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let found = self.found()?;
        let rows: Vec<Vec<Cell>> = found.iter().map(|(path, status)| row(path, status)).collect();
        write(&self.listing, &COLUMNS, &rows)?;
        if rows.is_empty() {
            let here = self.directory.display();
            say(&format!(
                "note: no runs in {here}; `mfgpu train` makes one, below {USUAL} or where --out says"
            ));
        }
        Ok(())
    }

    /// The runs by their paths, those that replace another one included.
    fn found(&self) -> Result<Vec<(PathBuf, Status)>> {
        let directory: &Path = &self.directory;
        if directory == Path::new(USUAL) && !directory.exists() {
            return Ok(Vec::new());
        }
        if !directory.is_dir() {
            let here = directory.display();
            let what = if directory.exists() { "found a file" } else { "there is no such directory" };
            return Err(Error::Input(format!("{here}: {what}, expected a directory with runs")));
        }
        let mut found = Vec::new();
        let mut paths = entries(directory).map_err(Error::read(directory))?;
        paths.push(directory.to_owned());
        for path in paths {
            if let Ok(status) = Status::load(&path) {
                let inside = entries(&path).unwrap_or_default().into_iter();
                let next = inside.filter(|other| path != directory && is_next(other));
                found.extend(next.filter_map(|path| Some((path.clone(), Status::load(&path).ok()?))));
                found.push((path, status));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }
}

fn row(path: &Path, status: &Status) -> Vec<Cell> {
    let finished = status.state == State::Finished;
    let record = Record::load(&path.join(names::RECORD)).ok().filter(|_| finished);
    let config = Config::of_run(path).ok();
    let of = record.as_ref().map(Trained::of).or(config.as_ref().map(Trained::asked));
    let evaluation = record.as_ref().and_then(|record| record.report.evaluation.as_ref());
    let score = |value: Option<f64>| Cell::of(value, |value| Cell::Number(value, format!("{value:.4}")));
    let time =
        |seconds: Option<f64>| Cell::of(seconds, |seconds| Cell::Number(seconds, human::time(seconds)));
    let going = |cell: Cell| if finished { Cell::Missing } else { cell };
    let count = |number: Option<usize>| Cell::of(number, |number| Cell::Count(number as u64));
    let test = record.as_ref().and_then(|record| record.report.test.as_ref());
    vec![
        Cell::text(path.display().to_string()),
        Cell::text(status.state.name()),
        Cell::of(of.as_ref(), |of| Cell::text(of.algorithm.name())),
        Cell::of(of.as_ref().and_then(|of| of.objective), |objective| Cell::text(objective.name())),
        count(of.as_ref().and_then(|of| of.factors)),
        count(of.as_ref().and_then(|of| of.list_factors)),
        score(test.map(|test| test.rmse)),
        score(evaluation.and_then(ndcg)),
        time(record.as_ref().map(seconds)),
        going(Cell::of(status.phase.clone(), Cell::text)),
        going(count(Some(status.epoch))),
        going(count(Some(status.epochs))),
        going(score(status.best_held_out_rmse)),
        going(time(status.eta_seconds)),
        Cell::text(status.began.clone()),
    ]
}

/// What a run trains, or has trained.
struct Trained {
    algorithm: Algorithm,
    objective: Option<Objectives>,
    factors: Option<usize>,
    list_factors: Option<usize>,
}

impl Trained {
    /// As its record says.
    fn of(record: &Record) -> Self {
        let (settings, lists) = (&record.settings, record.report.lists.as_ref());
        let objective = match (settings.algorithm.objective(), lists) {
            (Objective::Lists, _) => Objectives::Lists,
            (Objective::Ratings, None) => Objectives::Ratings,
            (Objective::Ratings, Some(_)) => Objectives::Both,
        };
        Self {
            algorithm: settings.algorithm,
            objective: Some(objective),
            factors: Some(settings.factors()),
            list_factors: lists.map(|lists| lists.settings.factors()),
        }
    }

    /// As its settings ask for. Factors of lists stay open until they are trained.
    fn asked(config: &Config) -> Self {
        let of_lists = config.objective == Some(Objectives::Lists);
        let settings = if of_lists { &config.lists } else { &config.training };
        let beside = config.objective != Some(Objectives::Ratings) && !of_lists;
        Self {
            algorithm: settings.algorithm,
            objective: config.objective,
            factors: if of_lists { settings.factors } else { Some(settings.factors()) },
            list_factors: config.lists.factors.filter(|_| beside),
        }
    }
}

/// The seconds from the first file to the last.
fn seconds(record: &Record) -> f64 {
    let report = &record.report;
    let lists = report.lists.as_ref().map_or(0.0, |lists| lists.train_seconds);
    let folds = report.fold_seconds.unwrap_or_default();
    report.read_seconds + folds + lists + report.train_seconds + report.write_seconds
}

fn ndcg(evaluation: &Evaluation) -> Option<f64> {
    let is = |metric: Metric, cutoff: usize| metric == Metric::Ndcg && cutoff == CUTOFF;
    let found = evaluation.lists().iter().find(|found| is(found.metric, found.cutoff));
    found.map(|found| found.model.value)
}
