//! The users and items of a command, named by their ids.

use crate::flags::paths::Named;
use crate::show::talk::{count, say};
use mfgpu::input::read_ids;
use mfgpu::model::Model;
use mfgpu::output::User;
use mfgpu::ratings::{IdMap, Side};
use mfgpu::{Error, Result};
use std::path::Path;

/// The ids given with a flag, directly or as a file; `None` if there are none.
pub(crate) fn chosen(flag: &str, ids: &[Named], model: &Model, side: Side) -> Result<Option<Vec<Vec<u8>>>> {
    match ids {
        [] => Ok(None),
        [Named(file)] if Path::new(file).is_file() => {
            read_ids(Path::new(file), side, known(model, side)).map(Some)
        }
        [Named(one)] if one.is_empty() => Err(Error::Usage(format!("{flag}: expected ids or a file"))),
        ids => Ok(Some(ids.iter().map(|Named(id)| id.clone().into_bytes()).collect())),
    }
}

fn known(model: &Model, side: Side) -> &IdMap {
    match side {
        Side::User => &model.users,
        Side::Item => &model.items,
    }
}

/// The users with these ids, or all users if no ids are given; reports how many the model does not know.
pub(crate) fn find<'a>(model: &'a Model, ids: Option<&'a [Vec<u8>]>) -> Vec<User<'a>> {
    let Some(ids) = ids else { return User::all(model) };
    let users: Vec<User> = ids.iter().map(|id| User::find(model, id)).collect();
    let unknown = users.iter().filter(|user| user.row.is_none()).count() as u64;
    if unknown > 0 {
        let unknown = count(unknown, "user");
        say(&format!("note: the model does not know {unknown}; they get what suits nobody in particular"));
    }
    users
}

/// The rows of these ids, all of which must be known. `advice` is added to the error for an id of the other
/// side.
pub(crate) fn rows(model: &Model, side: Side, ids: &[Vec<u8>], advice: &str) -> Result<Vec<u32>> {
    let (known, others, what, other) = match side {
        Side::User => (&model.users, &model.items, "user", "an item"),
        Side::Item => (&model.items, &model.users, "item", "a user"),
    };
    let rows: Vec<u32> = ids.iter().filter_map(|id| known.get(id)).collect();
    let Some(id) = ids.iter().find(|id| known.get(id).is_none()) else { return Ok(rows) };
    let text = String::from_utf8_lossy;
    let hint = match (others.get(id), known.nearest(id)) {
        (Some(_), _) => format!("; it is {other}{advice}"),
        (None, Some(near)) => format!("; did you mean `{}`?", text(near)),
        (None, None) => String::new(),
    };
    let more = ids.len() - rows.len() - 1;
    let more = if more == 0 { String::new() } else { format!(", nor {more} more of the ids") };
    Err(Error::Usage(format!("the model has no {what} `{}`{more}{hint}", text(id))))
}
