//! The users that a command is asked about, and ids in files.

use crate::talk::{count, say};
use mfgpu::input::read_ids;
use mfgpu::model::Model;
use mfgpu::output::User;
use mfgpu::{Error, Result};
use std::path::Path;

/// The ids that were asked for: those of a file, or themselves; `None` is all.
pub(crate) fn chosen(users: &[String]) -> Result<Option<Vec<Vec<u8>>>> {
    match users {
        [] => Ok(None),
        [file] if Path::new(file).is_file() => read_ids(Path::new(file)).map(Some),
        [one] if one.is_empty() => Err(Error::Usage("--users: expected ids or a file".into())),
        ids => Ok(Some(ids.iter().map(|id| id.clone().into_bytes()).collect())),
    }
}

/// The users of these ids, all without any; says how many the model does not know.
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
