//! The users and items of a command, named by their ids.

use crate::flags::paths::Named;
use crate::show::talk::{count, say};
use mfgpu::input::read_ids;
use mfgpu::model::Model;
use mfgpu::output::User;
use mfgpu::ratings::{IdMap, Side};
use mfgpu::{Error, Result};
use std::ffi::OsStr;
use std::path::Path;

/// Endings of the names of files that may hold ids.
const ENDINGS: [&str; 14] = [
    "csv", "tsv", "txt", "tab", "dat", "data", "ids", "lst", "list", "json", "jsonl", "parquet", "gz", "zst",
];

/// The ids given with a flag, directly or as a file; `None` if there are none. `known` has the ids that the
/// model has on this side.
///
/// # Errors
/// [`Error::Usage`] if one of them is no known id and looks like the name of a file.
pub(crate) fn chosen(flag: &str, ids: &[Named], side: Side, known: &IdMap) -> Result<Option<Vec<Vec<u8>>>> {
    match ids {
        [] => Ok(None),
        [Named(file)] if Path::new(file).is_file() => read_ids(Path::new(file), side, known).map(Some),
        [Named(one)] if one.is_empty() => Err(Error::Usage(format!("{flag}: expected ids or a file"))),
        ids => {
            if let Some(Named(file)) = ids.iter().find(|Named(id)| is_file_name(id, known)) {
                return Err(no_id(flag, file));
            }
            Ok(Some(ids.iter().map(|Named(id)| id.clone().into_bytes()).collect()))
        }
    }
}

/// Whether a text that is no known id looks like the name of a file: it has an ending or a separator that
/// names of files have, and no known id has it.
fn is_file_name(text: &str, known: &IdMap) -> bool {
    if known.get(text.as_bytes()).is_some() {
        return false;
    }
    let ending = Path::new(text).extension().and_then(OsStr::to_str).map(str::to_lowercase);
    let ending =
        ending.filter(|ending| ENDINGS.contains(&ending.as_str())).map(|ending| format!(".{ending}"));
    let alike = |id: &[u8]| {
        let id = String::from_utf8_lossy(id).to_lowercase();
        ending.as_ref().map_or(id.contains(std::path::is_separator), |ending| id.ends_with(ending))
    };
    (ending.is_some() || text.contains(std::path::is_separator)) && !known.iter().any(alike)
}

/// The error for a text that is neither an id nor a file to read.
fn no_id(flag: &str, file: &str) -> Error {
    let path = Path::new(file);
    Error::Usage(if path.is_dir() {
        format!("{flag} {file}: found a directory, expected ids, or one file with an id a line")
    } else if path.is_file() {
        format!("{flag} {file}: found a file among ids; a file of ids is given alone")
    } else {
        format!(
            "{flag} {file}: there is no such file, and the model has no such id; expected ids, or one file with an \
             id a line"
        )
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> IdMap {
        let mut ids = IdMap::new();
        names.iter().for_each(|name| assert!(ids.number(name.as_bytes()) < 9));
        ids
    }

    #[test]
    fn names_of_files_are_no_ids() {
        let plain = ids(&["17", "a.b", "-9"]);
        for name in ["missing.txt", "list.CSV", "./list", "lists/some", "ids.csv.gz", "/tmp/x"] {
            assert!(is_file_name(name, &plain), "{name}");
        }
        for id in ["18", "a.b", "a.c", "-1", "1.5", "J. R. R.", "txt", ".txt", "v1.2"] {
            assert!(!is_file_name(id, &plain), "{id}");
        }
        // Where ids look like that, a new one may, too.
        let odd = ids(&["https://one/a", "cat.txt"]);
        assert!(!is_file_name("https://one/b", &odd) && !is_file_name("dog.txt", &odd));
        assert!(is_file_name("dog.csv", &odd) && !is_file_name("cat.txt", &odd));
    }

    #[test]
    fn what_is_missing_is_said() {
        let chosen = |names: &[&str]| {
            let named: Vec<Named> = names.iter().map(|name| Named((*name).to_owned())).collect();
            chosen("--users", &named, Side::User, &ids(&["17"]))
                .map_err(|error| (error.exit_code(), error.to_string()))
        };
        let (code, text) = chosen(&["missing.txt"]).unwrap_err();
        assert!(code == 2 && text.starts_with("--users missing.txt: there is no such file"), "{text}");
        assert!(chosen(&["17", "no/such"]).unwrap_err().1.contains("no such file"));
        let own = tempfile::tempdir().unwrap();
        let (folder, file) = (own.path().to_str().unwrap(), own.path().join("ids.txt"));
        assert!(chosen(&[folder]).unwrap_err().1.contains("found a directory"));
        std::fs::write(&file, "17\n18\n").unwrap();
        let file = file.to_str().unwrap();
        assert!(chosen(&["17", file]).unwrap_err().1.contains("is given alone"));
        assert_eq!(chosen(&[file]).unwrap().unwrap(), [b"17", b"18"]);
        assert_eq!(chosen(&["17", "new"]).unwrap().unwrap(), [&b"17"[..], b"new"]);
        assert_eq!(chosen(&[]), Ok(None));
    }
}
