//! Lists: items for users, and users for items.

use crate::error::raised;
use crate::ids::Ids;
use crate::model::{Model, apart, known, listed};
use crate::table::{Filled, Kinds, Table};
use mfgpu::output::{Extra, User, predicted, title_of, top_n, top_n_users};
use mfgpu::ratings::Side;
use mfgpu::score::{
    Explain, Noise, TopItems, TopOptions, TopUsers, least_score, multiplications, needs_draws, needs_lists,
};
use mfgpu::train::engine::Device;
use mfgpu::{DeviceChoice, Error, Result};
use pyo3::prelude::*;

/// What lists may hold.
#[derive(FromPyObject)]
pub(crate) struct Wishes<'py> {
    /// Items a user.
    top: usize,
    /// Whether what a user has rated is left out.
    exclude_seen: bool,
    /// The items that may be listed; all if none are named.
    items: Option<Bound<'py, PyAny>>,
    /// Items that are never listed.
    block: Option<Bound<'py, PyAny>>,
    /// How many items of the user explain each listed one.
    explain: usize,
    min_ratings: Option<u32>,
    min_score: Option<f32>,
    explore: f32,
    with_sd: bool,
    device: String,
}

/// Marks the items that may be listed; `None` allows all.
fn marks(
    model: &mfgpu::Model,
    (items, block): (Option<&Ids>, Option<&Ids>),
    min_ratings: Option<u32>,
) -> Result<Option<Vec<bool>>> {
    let often = if items.is_none() { listed(model, min_ratings)? } else { None };
    let any = items.is_some() || block.is_some() || often.is_some();
    let mut marks = often.unwrap_or_else(|| vec![items.is_none(); model.items.len()]);
    for (ids, mark, name) in [(items, true, "items"), (block, false, "block")] {
        let Some(ids) = ids else { continue };
        let found: Vec<u32> = ids.iter().filter_map(|id| model.items.get(id)).collect();
        if found.is_empty() && ids.len() > 0 && mark {
            let error = known(model, Side::Item, ids).err().unwrap_or_else(|| Error::Bug(String::new()));
            return Err(Error::Usage(format!("`{name}`: none is known: {error}")));
        }
        found.iter().for_each(|&item| marks[item as usize] = mark);
    }
    Ok(any.then_some(marks))
}

/// Lists of items for users; all users of the model if none are named. `ratings` is the model of ratings beside one
/// of lists, which adds a column.
#[pyfunction]
#[pyo3(signature = (model, ratings, users, wishes, kinds))]
pub(crate) fn recommend(
    py: Python<'_>,
    model: &Bound<'_, Model>,
    ratings: Option<&Bound<'_, Model>>,
    users: Option<&Bound<'_, PyAny>>,
    wishes: Wishes<'_>,
    kinds: (String, String),
) -> PyResult<Table> {
    let ids = users.map(Ids::of).transpose()?;
    let [items, block] = [&wishes.items, &wishes.block].map(|ids| ids.as_ref().map(Ids::of).transpose());
    let (items, block) = (items?, block?);
    let choice: DeviceChoice = wishes.device.parse().map_err(|error| raised(py, error))?;
    let Wishes { top, exclude_seen, explain, min_ratings, min_score, explore, with_sd, .. } = wishes;
    let (model, ratings) = (&model.get().model, ratings.map(|ratings| &ratings.get().model));
    apart(py, move |_| {
        let model: &mfgpu::Model = model;
        if explore != 0.0 {
            needs_draws(model, Noise::Without, "explore")?;
        }
        if with_sd {
            needs_draws(model, Noise::With, "with_sd")?;
        }
        if explain > 0 {
            needs_lists(model, "explain")?;
        }
        let users: Vec<User> = match &ids {
            Some(ids) => ids.iter().map(|id| User::find(model, id)).collect(),
            None => User::all(model),
        };
        let allowed = marks(model, (items.as_ref(), block.as_ref()), min_ratings)?;
        let options = TopOptions {
            count: top,
            exclude: exclude_seen.then_some(&model.rated),
            allowed: allowed.as_deref(),
            min_score: least_score(model.range, min_score, explore != 0.0),
            explore,
        };
        let explained = (explain > 0).then(|| Explain::new(model, &model.rated, "explain")).transpose()?;
        let title = |item: u32| title_of(Some(&model.titles), item);
        let rating = ratings.map(|ratings| predicted(ratings));
        let extra = Extra {
            rating: rating.as_ref().map(|rating| rating as _),
            sd: with_sd,
            titles: (!model.titles.is_empty()).then_some(&title as _),
            because: explained.as_ref().zip((explain > 0).then_some(explain)),
        };
        let work = multiplications(model, users.len());
        let mut device = Device::open_for_lists(&choice, work)?;
        let lists = match device.for_lists(work)? {
            Some(gpu) => TopItems::on(gpu, model, &options)?,
            None => TopItems::new(model, &options),
        };
        let mut table = Filled::new(Kinds(kinds.0, kinds.1));
        top_n(model, &lists, &users, extra, &mut table, &mut |_| {})?;
        table.done()
    })
}

/// Lists of users for items: who would rate an item highest, of those who have not rated it.
#[pyfunction]
#[pyo3(signature = (model, items, users, top, exclude_seen, with_sd, kinds))]
#[expect(clippy::too_many_arguments, reason = "the package around this names them")]
pub(crate) fn recommend_users(
    py: Python<'_>,
    model: &Bound<'_, Model>,
    items: &Bound<'_, PyAny>,
    users: Option<&Bound<'_, PyAny>>,
    top: usize,
    exclude_seen: bool,
    with_sd: bool,
    kinds: (String, String),
) -> PyResult<Table> {
    let (items, users) = (Ids::of(items)?, users.map(Ids::of).transpose()?);
    let model = &model.get().model;
    apart(py, move |_| {
        if with_sd {
            needs_draws(&**model, Noise::With, "with_sd")?;
        }
        let items = known(model, Side::Item, &items)?;
        let allowed = users.map(|users| {
            let mut allowed = vec![false; model.users.len()];
            users.iter().filter_map(|id| model.users.get(id)).for_each(|row| allowed[row as usize] = true);
            allowed
        });
        let options = TopOptions {
            count: top,
            exclude: exclude_seen.then_some(&model.rated),
            allowed: allowed.as_deref(),
            ..TopOptions::default()
        };
        let lists = TopUsers::new(&**model, &options);
        let mut table = Filled::new(Kinds(kinds.0, kinds.1));
        top_n_users(model, &lists, &items, with_sd, &mut table, &mut |_| {})?;
        table.done()
    })
}
