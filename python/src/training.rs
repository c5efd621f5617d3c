//! Training: in memory, or as a run in a directory.

use crate::error::raised;
use crate::event::json_of;
use crate::model::Model;
use crate::pool;
use crate::source::{IdColumns, Read, Source};
use crate::waiting::{End, Watch, waiting};
use mfgpu::output::{Column, Field, TableFormat, TableOptions};
use mfgpu::run::{
    self, About, Config, Context, Given, Record, Report, RunDirectory, RunEvent, Slice, Status,
};
use mfgpu::train::engine::Device;
use mfgpu::{Dataset, Error, Feedback, Result, Settings};
use pyo3::prelude::*;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// What training made.
#[pyclass(frozen, module = "mfgpu._mfgpu")]
pub(crate) struct Fitted {
    /// The model of ratings; that of lists if it is the only one.
    #[pyo3(get)]
    model: Py<Model>,
    /// The model of lists beside it.
    #[pyo3(get)]
    lists: Option<Py<Model>>,
    /// Settings, sizes, times and metrics, as JSON.
    #[pyo3(get)]
    summary: String,
    /// The columns of users and of items, and the types of their ids; none if they came from files.
    #[pyo3(get)]
    ids: Option<([String; 2], [String; 2])>,
}

/// The models and what there is to say of them.
struct Made {
    model: mfgpu::Model,
    lists: Option<mfgpu::Model>,
    summary: Value,
    ids: Option<IdColumns>,
}

impl Made {
    fn of(fitted: run::Fitted, ids: Option<IdColumns>, device: &str) -> Self {
        let run::Fitted { model, lists, settings, report, read, sizes, shared } = fitted;
        let summary = summary(&settings, &report, device, &json!(sizes));
        let summary = with(summary, &[("read", json!(read)), ("shared", json!(shared))]);
        Self { model, lists, summary, ids }
    }

    /// Those of a directory.
    fn in_directory(directory: &RunDirectory, record: &Record, ids: Option<IdColumns>) -> Result<Self> {
        let (model, lists) = crate::model::load_both(directory.path())?;
        let summary = summary(&record.settings, &record.report, &record.device, &json!(record.sizes));
        let summary = with(summary, &[("shared", json!(record.shared))]);
        Ok(Self { model, lists, summary, ids })
    }

    fn handed(self, py: Python<'_>) -> PyResult<Fitted> {
        let Self { model, lists, summary, ids } = self;
        let of = |model| Py::new(py, Model { model: Arc::new(model) });
        Ok(Fitted {
            model: of(model)?,
            lists: lists.map(of).transpose()?,
            summary: summary.to_string(),
            ids: ids.map(|IdColumns { names, kinds }| (names, kinds)),
        })
    }
}

fn summary(settings: &Settings, report: &Report, device: &str, sizes: &Value) -> Value {
    json!({"settings": settings, "device": device, "sizes": sizes, "report": report})
}

fn with(mut summary: Value, more: &[(&str, Value)]) -> Value {
    for (name, value) in more {
        summary[*name] = value.clone();
    }
    summary
}

/// The settings of a run from JSON; what is missing has its default.
fn config_of(text: &str) -> Result<Config> {
    serde_json::from_str(text).map_err(|error| Error::Usage(error.to_string()))
}

/// Trains on ratings. `config` are the settings as JSON. Test and validation ratings are files or tables; a slice of
/// the ratings is among the settings. `titles` has the title of an item by the text of its id. `watch` is
/// `(on_event, stopped, keep)`. With a directory it is a run that the command line knows, too.
#[pyfunction]
#[pyo3(signature = (config, ratings, test, valid, titles, run_dir, overwrite, watch))]
#[expect(clippy::too_many_arguments, reason = "the package around this names them")]
pub(crate) fn fit(
    py: Python<'_>,
    config: &str,
    ratings: Source,
    test: Option<Source>,
    valid: Option<Source>,
    titles: Option<HashMap<String, String>>,
    run_dir: Option<PathBuf>,
    overwrite: bool,
    watch: (Option<Bound<'_, PyAny>>, Option<Bound<'_, PyAny>>, bool),
) -> PyResult<Fitted> {
    let mut config = config_of(config).map_err(|error| raised(py, error))?;
    let pool = pool::own(config.threads).map_err(|error| raised(py, error))?;
    let watch = watch_of(watch);
    let made = waiting(py, &pool, &watch, move |end, events| {
        let mut job = Job { config: &mut config, titles, end, events };
        match run_dir {
            None => job.in_memory(ratings, test, valid),
            Some(run_dir) => job.in_directory((ratings, test, valid), &run_dir, overwrite),
        }
    })?;
    made.handed(py)
}

/// Goes on with the unfinished run in a directory; a finished one is loaded.
#[pyfunction]
#[pyo3(signature = (run_dir, threads, watch))]
pub(crate) fn resume(
    py: Python<'_>,
    run_dir: PathBuf,
    threads: Option<usize>,
    watch: (Option<Bound<'_, PyAny>>, Option<Bound<'_, PyAny>>, bool),
) -> PyResult<Fitted> {
    let fail = |error| raised(py, error);
    let directory = RunDirectory::open(&run_dir).map_err(fail)?;
    let config = Config::of_run(directory.work()).map_err(fail)?;
    let pool = pool::own(threads.or(config.threads)).map_err(fail)?;
    let made = waiting(py, &pool, &watch_of(watch), move |end, events| {
        let record = if directory.is_finished() {
            Record::load(&directory.file(run::names::RECORD))?
        } else {
            let status = Status::load(directory.work()).unwrap_or_default();
            let mut device = Device::open(&config.device, config.vram)?;
            let began = if status.began.is_empty() { run::now() } else { status.began };
            let command = if status.command.is_empty() { command() } else { status.command };
            let about = About { device: device.description().to_owned(), began, command };
            let mut context = Context { about: &about, device: &mut device, stop: &end.stop, world: None };
            run::resume(&config, &directory, &mut context, &mut observer(end, events))?
        };
        Made::in_directory(&directory, &record, None)
    })?;
    made.handed(py)
}

fn watch_of<'py>(watch: (Option<Bound<'py, PyAny>>, Option<Bound<'py, PyAny>>, bool)) -> Watch<'py> {
    let (on_event, stopped, keep) = watch;
    Watch { on_event, stopped, keep }
}

/// What records say where the command line would stand.
fn command() -> Vec<String> {
    vec!["python".into(), "mfgpu".into()]
}

/// Passes events on, and ends the work when it is to end with the best there is.
fn observer(end: &End, events: Sender<String>) -> impl FnMut(&RunEvent) -> ControlFlow<()> {
    move |event: &RunEvent| {
        if let Some(event) = json_of(event) {
            // Nobody listens any more: the caller has its reason to end.
            let _ = events.send(event.to_string());
        }
        if end.is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// A fit.
struct Job<'a> {
    config: &'a mut Config,
    titles: Option<HashMap<String, String>>,
    end: &'a End,
    events: Sender<String>,
}

impl Job<'_> {
    /// Reads ratings; `name` is what messages call them.
    fn read(&self, source: Source, name: &str) -> Result<Read> {
        let events = &self.events;
        let mut progress = |bytes: u64, ratings: u64| {
            let event = json!({"event": "reading", "bytes": bytes, "ratings": ratings});
            let _ = events.send(event.to_string());
            self.end.stop.check()
        };
        let timed = |slice: &Option<Slice>| matches!(slice, Some(Slice::Last(_) | Slice::After(_)));
        let times = name == RATINGS && (timed(&self.config.test) || timed(&self.config.valid));
        source.read(name, &self.config.input, times, &mut progress)
    }

    fn in_memory(&mut self, ratings: Source, test: Option<Source>, valid: Option<Source>) -> Result<Made> {
        let config = &mut *self.config;
        config.ratings = vec![RATINGS.into()];
        (config.test, config.valid) = (
            named(test.as_ref(), TEST, config.test.take()),
            named(valid.as_ref(), VALID, config.valid.take()),
        );
        let mut device = Device::open(&self.config.device, self.config.vram)?;
        // Files that may not fit the memory that is allowed are read by the run.
        let (ratings, ids) = match ratings {
            Source::Files(paths) if self.config.memory.is_some() => {
                self.config.ratings = paths;
                (None, None)
            }
            ratings => {
                let Read { data, report, ids } = self.read(ratings, RATINGS)?;
                (Some((data, report)), ids)
            }
        };
        let [test, valid] = [(test, TEST), (valid, VALID)].map(|(source, name)| {
            source.map(|source| self.read(source, name).map(|read| read.data)).transpose()
        });
        let titles = self.titles.take();
        let title_of = |id: &[u8]| titles.as_ref()?.get(std::str::from_utf8(id).ok()?).cloned();
        let given = Given {
            ratings,
            test: test?,
            valid: valid?,
            title_of: titles.is_some().then_some(&title_of as _),
        };
        let about = About { device: device.description().to_owned(), began: run::now(), command: command() };
        let mut context = Context { about: &about, device: &mut device, stop: &self.end.stop, world: None };
        let mut observe = observer(self.end, self.events.clone());
        let fitted = run::fit(self.config, given, &mut context, &mut observe)?;
        Ok(Made::of(fitted, ids, &about.device))
    }

    /// As the command line: tables are saved beside the directory first, so that the run can be resumed.
    fn in_directory(
        &mut self,
        (ratings, test, valid): (Source, Option<Source>, Option<Source>),
        run_dir: &Path,
        overwrite: bool,
    ) -> Result<Made> {
        let directory = RunDirectory::create(run_dir, overwrite)?;
        let ids = match self.at_rest(ratings, RATINGS, run_dir) {
            Ok((paths, ids)) => {
                self.config.ratings = paths;
                ids
            }
            Err(error) => {
                // The reason of the end says more than that of what is left.
                let _ = directory.give_up();
                return Err(error);
            }
        };
        for (source, name) in [(test, TEST), (valid, VALID)] {
            let Some(source) = source else { continue };
            let (paths, _) = self.at_rest(source, name, run_dir)?;
            let [path] = &paths[..] else {
                return Err(Error::Usage(format!(
                    "{name} are several files; with a directory of a run name one"
                )));
            };
            let slice = Some(Slice::File(path.clone()));
            if name == TEST { self.config.test = slice } else { self.config.valid = slice }
        }
        if let Some(titles) = self.titles.take() {
            self.config.item_names = Some(save_titles(&titles, &beside(run_dir, "titles", "csv"))?);
        }
        let mut device = Device::open(&self.config.device, self.config.vram)?;
        let about = About { device: device.description().to_owned(), began: run::now(), command: command() };
        let mut context = Context { about: &about, device: &mut device, stop: &self.end.stop, world: None };
        let mut observe = observer(self.end, self.events.clone());
        let record = run::run(self.config, &directory, &mut context, &mut observe)?;
        Made::in_directory(&directory, &record, ids)
    }

    /// The files of ratings; a table becomes one.
    fn at_rest(
        &mut self,
        source: Source,
        name: &str,
        run_dir: &Path,
    ) -> Result<(Vec<PathBuf>, Option<IdColumns>)> {
        match source {
            Source::Files(paths) => Ok((paths, None)),
            table @ Source::Table(_) => {
                let Read { data, ids, .. } = self.read(table, name)?;
                let path = beside(
                    run_dir,
                    name.trim_start_matches("the ").split(' ').next().unwrap_or(name),
                    "parquet",
                );
                save(&data, &path)?;
                // The file has the names of a file, whatever those of the table were.
                let input = &mut self.config.input;
                let value = (data.feedback == Feedback::Ratings).then(|| "rating".to_owned());
                input.weight_column = (data.feedback == Feedback::Weights).then(|| "weight".to_owned());
                input.rating_column =
                    value.or_else(|| (data.feedback == Feedback::Pairs).then(|| "none".to_owned()));
                (input.user_column, input.item_column) = (Some("user".into()), Some("item".into()));
                input.time_column = None;
                Ok((vec![path], ids))
            }
        }
    }
}

/// What messages call tables.
const RATINGS: &str = "the ratings";
const TEST: &str = "the test ratings";
const VALID: &str = "the validation ratings";

/// The setting for ratings apart: files are read by the run, and tables need a name.
fn named(source: Option<&Source>, name: &str, slice: Option<Slice>) -> Option<Slice> {
    if source.is_some() { Some(Slice::File(name.into())) } else { slice }
}

/// A file beside the directory of a run.
fn beside(run_dir: &Path, what: &str, ending: &str) -> PathBuf {
    let mut name = run_dir.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{what}.{ending}"));
    run_dir.with_file_name(name)
}

/// Writes ratings to a parquet file.
fn save(data: &Dataset, path: &Path) -> Result<()> {
    let mut table = TableFormat::Parquet.open(path, TableOptions::default(), &mfgpu::Stop::new())?;
    let mut columns = vec![Column::bytes("user"), Column::bytes("item")];
    match data.feedback {
        Feedback::Ratings => columns.push(Column::number("rating")),
        Feedback::Weights => columns.push(Column::number("weight")),
        Feedback::Pairs => {}
    }
    let timed = !data.times.is_empty();
    if timed {
        columns.push(Column::bytes("timestamp"));
    }
    table.header(&columns)?;
    for (at, (user, item, value)) in data.ratings.iter().enumerate() {
        let time = if timed { jiff::Timestamp::from_millisecond(data.times[at]).ok() } else { None };
        let time = time.map(|time| time.to_string()).unwrap_or_default();
        let mut fields = vec![Field::Bytes(data.users.id(user)), Field::Bytes(data.items.id(item))];
        if data.feedback != Feedback::Pairs {
            fields.push(Field::Number(value));
        }
        if timed {
            fields.push(Field::Bytes(time.as_bytes()));
        }
        table.row(&fields)?;
    }
    table.finish()
}

/// Writes titles to a file of items and titles.
fn save_titles(titles: &HashMap<String, String>, path: &Path) -> Result<PathBuf> {
    let mut table = TableFormat::Csv.open(path, TableOptions::default(), &mfgpu::Stop::new())?;
    table.header(&[Column::bytes("item"), Column::bytes("title")])?;
    let mut all: Vec<_> = titles.iter().collect();
    all.sort();
    for (item, title) in all {
        table.row(&[Field::Bytes(item.as_bytes()), Field::Bytes(title.as_bytes())])?;
    }
    table.finish()?;
    Ok(path.to_owned())
}
