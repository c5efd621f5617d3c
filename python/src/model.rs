//! Models for Python: their numbers without a copy, predictions, similar rows, new rows, and files.

use crate::capsule::{matrix, vector};
use crate::error::raised;
use crate::ids::Ids;
use crate::pool;
use crate::source::Source;
use crate::table::{Filled, Kinds, Table};
use crate::waiting::{Watch, waiting};
use mfgpu::model::lists_file;
use mfgpu::output::{
    Cells, Precision, TableFormat, TableOptions, User, completed, completed_npy, completed_npy_size,
    completed_size, completed_wide, completed_wide_size, ending, is_zstd, predictions, similar_rows,
    title_of,
};
use mfgpu::ratings::Side;
use mfgpu::score::{Noise, needs_draws};
use mfgpu::{Error, EvaluationOptions, Result};
use numpy::{Ix1, Ix2, PyArray};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A trained model. Nothing changes it.
#[pyclass(frozen, module = "mfgpu._mfgpu")]
pub(crate) struct Model {
    pub(crate) model: Arc<mfgpu::Model>,
}

/// Users, or items.
pub(crate) fn side_of(users: bool) -> Side {
    if users { Side::User } else { Side::Item }
}

/// Runs in the shared threads, without the interpreter, and ends when it is interrupted.
pub(crate) fn apart<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mfgpu::Stop) -> Result<T> + Send,
) -> PyResult<T> {
    let pool = pool::shared().map_err(|error| raised(py, error))?;
    let watch = Watch { on_event: None, stopped: None, keep: false };
    waiting(py, &pool, &watch, |end, _| work(&end.stop))
}

#[pymethods]
impl Model {
    /// Numbers of users, items, factors and draws.
    #[getter]
    fn shape(&self) -> (usize, usize, usize, usize) {
        let draws = &self.model.draws;
        let factors = draws.first().map_or(0, |draw| draw.users.columns());
        (self.model.users.len(), self.model.items.len(), factors, draws.len())
    }

    /// Whether it is of lists, so that a score is no rating.
    #[getter]
    fn is_of_lists(&self) -> bool {
        self.model.is_of_lists()
    }

    /// The smallest and the largest rating.
    #[getter]
    fn range(&self) -> (f32, f32) {
        self.model.range
    }

    /// Settings and metrics of the training, as JSON.
    #[getter]
    fn facts(&self) -> String {
        let facts = self.model.about.facts().map(|(name, value)| (name.to_owned(), value.clone()));
        Value::Object(facts.collect::<Map<_, _>>()).to_string()
    }

    /// What is added to every prediction, and the rating units per unit of a product of factors, of a draw.
    fn scale(&self, draw: usize) -> PyResult<(f32, f32)> {
        let draw = self.draw(draw)?;
        Ok((draw.mean, draw.scale))
    }

    /// The factors of a side in a draw: a row per user or item.
    fn factors<'py>(
        slf: Bound<'py, Self>,
        users: bool,
        draw: usize,
    ) -> PyResult<Bound<'py, PyArray<f32, Ix2>>> {
        let model = Arc::clone(&slf.get().model);
        let factors = slf.get().draw(draw).map(|_| model.draws[draw].side(side_of(users)).factors)?;
        matrix(slf.into_any(), factors.as_slice(), [factors.rows(), factors.columns()])
    }

    /// The biases of a side in a draw.
    fn bias<'py>(slf: Bound<'py, Self>, users: bool, draw: usize) -> PyResult<Bound<'py, PyArray<f32, Ix1>>> {
        let model = Arc::clone(&slf.get().model);
        let bias = slf.get().draw(draw).map(|_| model.draws[draw].side(side_of(users)).bias)?;
        Ok(vector(slf.into_any(), bias))
    }

    /// The ids of a side in the type `kind`, with the titles of items: a table.
    fn ids(&self, py: Python<'_>, users: bool, kind: String) -> PyResult<Table> {
        let model = &self.model;
        let made = py.detach(|| {
            use mfgpu::output::{Column, Field, Table as _};
            let mut table = Filled::new(Kinds(kind.clone(), kind));
            let titled = !users && !model.titles.is_empty();
            let columns = [Column::bytes("id"), Column::bytes("title").optional()];
            table.header(&columns[..if titled { 2 } else { 1 }])?;
            for (id, row) in model.ids(side_of(users)).iter().zip(0..) {
                let title = model.title(row).map_or(Field::Missing, |title| Field::Bytes(title.as_bytes()));
                table.row(&[Field::Bytes(id), title][..if titled { 2 } else { 1 }])?;
            }
            table.done()
        });
        made.map_err(|error| raised(py, error))
    }

    /// Whether the ids of a side are all whole numbers as `str(int)` writes them.
    fn has_numbers(&self, users: bool) -> bool {
        let canonical = |id: &[u8]| {
            let text = std::str::from_utf8(id).unwrap_or_default();
            text.parse::<i64>().is_ok_and(|number| itoa::Buffer::new().format(number) == text)
        };
        let ids = self.model.ids(side_of(users));
        !ids.is_empty() && ids.iter().all(canonical)
    }

    /// The rows of ids of a side; -1 for one that is unknown.
    fn rows(&self, users: bool, ids: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
        let (ids, known) = (Ids::of(ids)?, self.model.ids(side_of(users)));
        Ok(ids.iter().map(|id| known.get(id).map_or(-1, i64::from)).collect())
    }

    /// The expected ratings of pairs, and their deviations if asked for: a table.
    fn predict(
        &self,
        py: Python<'_>,
        users: &Bound<'_, PyAny>,
        items: &Bound<'_, PyAny>,
        sd: bool,
        kinds: (String, String),
    ) -> PyResult<Table> {
        let (users, items) = (Ids::of(users)?, Ids::of(items)?);
        let model = &self.model;
        apart(py, move |_| {
            if sd {
                needs_draws(&**model, Noise::With, "with_sd")?;
            }
            let mut table = Filled::new(Kinds(kinds.0, kinds.1));
            predictions(model, users.iter().zip(items.iter()), sd, &mut table, &mut |_| {})?;
            table.done()
        })
    }

    /// The rows of a side that are most similar to each of some: a table.
    #[pyo3(signature = (users, ids, top, min_ratings, kind))]
    fn similar(
        &self,
        py: Python<'_>,
        users: bool,
        ids: Option<&Bound<'_, PyAny>>,
        top: usize,
        min_ratings: Option<u32>,
        kind: String,
    ) -> PyResult<Table> {
        let (side, model) = (side_of(users), &self.model);
        let rows: Vec<u32> = match ids {
            Some(ids) => known(model, side, &Ids::of(ids)?).map_err(|error| raised(py, error))?,
            None => (0..model.ids(side).len() as u32).collect(),
        };
        apart(py, move |_| {
            let allowed = if users { None } else { listed(model, min_ratings)? };
            let title = |item: u32| title_of(Some(&model.titles), item);
            let titles = (!users && !model.titles.is_empty()).then_some(&title as _);
            let mut table = Filled::new(Kinds(kind.clone(), kind));
            let wanted = (top, allowed.as_deref());
            similar_rows(model, (side, &rows), wanted, titles, &mut table, &mut |_| {})?;
            table.done()
        })
    }

    /// The rows of items that have all of these words in their title or id.
    fn find(&self, words: Vec<String>) -> Vec<u32> {
        self.model.search(&words)
    }

    /// Writes the file of the model.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let model = &self.model;
        apart(py, move |_| model.save(path))
    }

    /// The contents of the file of the model.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let model = &self.model;
        let bytes = apart(py, move |_| {
            let folder = tempfile::tempdir().map_err(Error::write("a directory for temporary files"))?;
            let path = folder.path().join("model.safetensors");
            model.save(&path)?;
            std::fs::read(&path).map_err(Error::read(&path))
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// A model from the contents of its file.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let model = apart(py, move |_| {
            let folder = tempfile::tempdir().map_err(Error::write("a directory for temporary files"))?;
            let path = folder.path().join("model.safetensors");
            std::fs::write(&path, bytes).map_err(Error::write(&path))?;
            mfgpu::Model::load(&path)
        })?;
        Ok(Self { model: Arc::new(model) })
    }

    /// Writes the completed matrix: an array (`.npy`), or a table by the ending of the path. Returns its rows.
    #[pyo3(signature = (path, users, items, blanks_only, wide, sd, half, overfill))]
    #[expect(
        clippy::too_many_arguments,
        clippy::fn_params_excessive_bools,
        reason = "the package names them"
    )]
    fn complete(
        &self,
        py: Python<'_>,
        path: PathBuf,
        users: Option<&Bound<'_, PyAny>>,
        items: Option<&Bound<'_, PyAny>>,
        blanks_only: bool,
        wide: bool,
        sd: bool,
        half: bool,
        overfill: bool,
    ) -> PyResult<u64> {
        let [users, items] = [users, items].map(|ids| ids.map(Ids::of).transpose());
        let (users, items) = (users?, items?);
        let form = Completion { path, blanks_only, wide, sd, half, overfill };
        let model = &self.model;
        apart(py, move |stop| match items {
            None => form.write(model, users.as_ref(), stop),
            Some(items) => {
                let mut chosen = mfgpu::Model::clone(model);
                chosen.choose_items(&items.to_vecs());
                form.write(&chosen, users.as_ref(), stop)
            }
        })
    }
}

impl Model {
    fn draw(&self, draw: usize) -> PyResult<&mfgpu::model::Factors> {
        let count = self.model.draws.len();
        self.model.draws.get(draw).ok_or_else(|| PyIndexError::new_err(format!("draw {draw} of {count}")))
    }
}

/// How a matrix is completed.
#[expect(clippy::struct_excessive_bools, reason = "each is an argument of its own")]
struct Completion {
    path: PathBuf,
    blanks_only: bool,
    wide: bool,
    sd: bool,
    half: bool,
    overfill: bool,
}

impl Completion {
    fn write(self, model: &mfgpu::Model, users: Option<&Ids>, stop: &mfgpu::Stop) -> Result<u64> {
        let Self { path, blanks_only, wide, sd, half, .. } = &self;
        if *sd {
            needs_draws(model, Noise::With, "with_sd")?;
        }
        let ids: Option<Vec<User>> = users.map(|ids| ids.iter().map(|id| User::find(model, id)).collect());
        let users = ids.unwrap_or_else(|| User::all(model));
        let cells = if *blanks_only { Cells::Blanks } else { Cells::All };
        if ending(path) == "npy" {
            if *blanks_only || *wide || *sd {
                return Err(Error::Usage(
                    "`blanks_only`, `layout` and `with_sd` are of tables: an array has a row a user, a column an item, \
                     and all values"
                        .into(),
                ));
            }
            let precision = if *half { Precision::Half } else { Precision::Single };
            let size = completed_npy_size(model, &users, precision);
            self.fits(size.bytes)?;
            let sink = mfgpu::files::Sink::open(path)?.until(stop).packed(is_zstd(path))?;
            completed_npy(model, &users, precision, sink, &mut |_| {})?;
            return Ok(size.rows);
        }
        let format = TableFormat::of(path).unwrap_or_default();
        if *half || (*wide && (*sd || format != TableFormat::Csv)) {
            return Err(Error::Usage(
                "`dtype` is of arrays (.npy), and `layout=\"wide\"` of csv without `with_sd`".into(),
            ));
        }
        let size = if *wide {
            completed_wide_size(model, &users, cells)
        } else {
            completed_size(model, &users, (cells, *sd), format)
        };
        self.fits(size.bytes)?;
        let mut table = format.open(path, TableOptions::default(), stop)?;
        if *wide {
            completed_wide(model, &users, cells, &mut *table, &mut |_| {})?;
        } else {
            completed(model, &users, (cells, *sd), &mut *table, &mut |_| {})?;
        }
        table.finish()?;
        Ok(size.rows)
    }

    /// Refuses what the disk has no room for.
    fn fits(&self, bytes: u64) -> Result<()> {
        let free = mfgpu::files::free_space(&self.path).unwrap_or(u64::MAX);
        if is_zstd(&self.path) || self.overfill || bytes <= free {
            return Ok(());
        }
        let [bytes, free] = [bytes, free].map(mfgpu::human::size);
        let path = self.path.display();
        Err(Error::TooLarge(format!(
            "{path}: needs about {bytes}, and the disk has {free} free; choose another disk, or write less (`users`, \
             `items`, `dtype`); `force` tries it"
        )))
    }
}

/// The rows of ids, all of which must be known.
pub(crate) fn known(model: &mfgpu::Model, side: Side, ids: &Ids) -> Result<Vec<u32>> {
    let known = model.ids(side);
    let row = |id: &[u8]| known.get(id).ok_or_else(|| unknown(model, side, id));
    ids.iter().map(row).collect()
}

/// The error for an id that the model does not know; it says so if the other side does.
fn unknown(model: &mfgpu::Model, side: Side, id: &[u8]) -> Error {
    let (name, other, others) = match side {
        Side::User => ("user", Side::Item, "an item"),
        Side::Item => ("item", Side::User, "a user"),
    };
    let id_text = String::from_utf8_lossy(id);
    let swapped = model.ids(other).get(id).is_some();
    let hint = if swapped {
        format!("; {others} has this id: are users and items swapped?")
    } else {
        let example = model.ids(side).iter().next().unwrap_or_default();
        format!("; its {name}s have ids like `{}`", String::from_utf8_lossy(example))
    };
    Error::Usage(format!("the model has no {name} `{id_text}`{hint}"))
}

/// Whether each item may be listed; all may without marks.
pub(crate) fn listed(model: &mfgpu::Model, asked: Option<u32>) -> Result<Option<Vec<bool>>> {
    let found = mfgpu::model::listed(model, model.rated.is_kept(), (asked, "min_ratings"))?;
    Ok(found.map(|(marks, _)| marks))
}

/// How ratings are read, from JSON.
pub(crate) fn options_of(text: &str) -> Result<mfgpu::ReadOptions> {
    serde_json::from_str(text).map_err(|error| Error::Usage(error.to_string()))
}

/// Both models of a path: the directory of a run or of saved models, or a file. The second is of lists, beside one of
/// ratings.
pub(crate) fn load_both(path: &Path) -> Result<(mfgpu::Model, Option<mfgpu::Model>)> {
    let lists = lists_file(path)?.map(mfgpu::Model::load).transpose()?;
    Ok((mfgpu::Model::load(path)?, lists))
}

/// Loads models: the main one, and that of lists beside it.
#[pyfunction]
pub(crate) fn load(py: Python<'_>, path: PathBuf) -> PyResult<(Model, Option<Model>)> {
    let (model, lists) = apart(py, move |_| load_both(&path))?;
    let of = |model| Model { model: Arc::new(model) };
    Ok((of(model), lists.map(of)))
}

/// Counts of new users, new items, and unused ratings of known and of unknown rows.
type Counts = (usize, usize, usize, usize);

/// Copies of the models with the users and items of `data` that are new to them, and what was added to the first.
#[pyfunction]
#[pyo3(signature = (model, lists, data, options))]
pub(crate) fn fold_in(
    py: Python<'_>,
    model: &Bound<'_, Model>,
    lists: Option<&Bound<'_, Model>>,
    data: Source,
    options: &str,
) -> PyResult<(Model, Option<Model>, Counts)> {
    let options = options_of(options).map_err(|error| raised(py, error))?;
    let (model, lists) = (&model.get().model, lists.map(|lists| &lists.get().model));
    apart(py, move |stop| {
        let data = data.read("the data", &options, false, &mut |_, _| stop.check())?.data;
        swapped(model, &data)?;
        let folded = |model: &mfgpu::Model| {
            let mut model = model.clone();
            let added = model.fold_in(&data)?;
            Ok::<_, Error>((Model { model: Arc::new(model) }, added))
        };
        let (model, added) = folded(model)?;
        let lists = lists.map(|lists| folded(lists)).transpose()?.map(|(lists, _)| lists);
        Ok((model, lists, (added.users, added.items, added.known, added.unknown)))
    })
}

/// Measures models on test ratings: an evaluation as JSON.
#[pyfunction]
#[pyo3(signature = (model, lists, data, input, options, seed))]
pub(crate) fn evaluate(
    py: Python<'_>,
    model: &Bound<'_, Model>,
    lists: Option<&Bound<'_, Model>>,
    data: Source,
    input: &str,
    options: &str,
    seed: Option<u64>,
) -> PyResult<String> {
    let fail = |error| raised(py, error);
    let input = options_of(input).map_err(fail)?;
    let options: EvaluationOptions =
        serde_json::from_str(options).map_err(|error| fail(Error::Usage(error.to_string())))?;
    let options = EvaluationOptions { seed: seed.unwrap_or(options.seed), ..options };
    options.check().map_err(fail)?;
    let (model, lists) = (&model.get().model, lists.map(|lists| &lists.get().model));
    apart(py, move |stop| {
        if model.rated.is_empty() {
            let why = "the model kept no ratings, which baselines learn from and lists leave out";
            return Err(Error::Usage(why.into()));
        }
        let test = data.read("the data", &input, false, &mut |_, _| stop.check())?.data;
        swapped(model, &test)?;
        let found = mfgpu::eval::evaluate_both(model, lists.map(|lists| &**lists), &test, &options, stop)?;
        serde_json::to_string(&found).map_err(|error| Error::Bug(error.to_string()))
    })
}

/// Refuses ratings whose users are the items of the model, and the other way round.
fn swapped(model: &mfgpu::Model, data: &mfgpu::Dataset) -> Result<()> {
    let has = |ids: &mfgpu::ratings::IdMap, side| ids.rows_in(model.ids(side)).iter().any(Option::is_some);
    let straight = has(&data.users, Side::User) || has(&data.items, Side::Item);
    if !straight && has(&data.users, Side::Item) && has(&data.items, Side::User) {
        return Err(Error::Usage(
            "the users of the data are items of the model, and its items are users: swap the columns, or transpose \
             the matrix"
                .into(),
        ));
    }
    Ok(())
}
