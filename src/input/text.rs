//! Reads small files in one go.

use super::columns::names::{NAMES, names_ids, plain};
use super::file::open;
use super::format::{quotes, records};
use super::layout::{Dialect, Quoting};
use super::sniff::{best_of_all, head};
use crate::error::{Error, Result};
use crate::ratings::{IdMap, Side};
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

/// A line is one field: nothing but its end closes it.
const LINES: Quoting = Quoting { delimiter: b'\n', escaped: false };

/// The unpacked content of a file.
pub(super) fn read_all(path: &Path) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    open::open(path)?.reader.read_to_end(&mut content).map_err(Error::read(path))?;
    Ok(content)
}

/// The ids of users or items that a file lists, in order, with repetitions.
///
/// The file has one id a line; a first line that is a usual name of a column of ids, such as `user_id`, is a
/// header. Or it is a table: its header names a column of users or items, or no line is an id of `known`, and one
/// of the columns has some. Quotes around an id are removed; blank lines are skipped.
///
/// # Errors
/// If the file cannot be read, a quote in it never closes, or a table has a row without its id.
pub fn read_ids(path: &Path, side: Side, known: &IdMap) -> Result<Vec<Vec<u8>>> {
    let content = read_all(path)?;
    match column(&content, side, known) {
        Some((dialect, column, header)) => of_column(path, &content, dialect, column, header),
        None => of_lines(path, &content),
    }
}

/// The column of ids of a table, and whether it has a header. `None` if each line is an id.
fn column(content: &[u8], side: Side, known: &IdMap) -> Option<(Dialect, usize, bool)> {
    let dialect = best_of_all(content, 2)?;
    let rows = head(content, dialect, usize::MAX);
    let (first, below) = rows.split_first()?;
    let names = NAMES[side.index()];
    let named = |name: &Vec<u8>| names.contains(&&plain(name)[..]);
    let column = first.iter().position(named).or_else(|| {
        let ids = |name: &Vec<u8>| names_ids(name);
        first.iter().position(ids)
    });
    if let Some(column) = column {
        return Some((dialect, column, true));
    }
    let lines = of_lines(Path::new(""), content).ok()?;
    if lines.iter().any(|id| known.get(id).is_some()) {
        return None;
    }
    let found = |column: usize| {
        below
            .iter()
            .chain([first])
            .filter(|row| row.get(column).is_some_and(|id| known.get(id).is_some()))
            .count()
    };
    let best =
        (0..first.len()).rev().max_by_key(|&column| found(column)).filter(|&column| found(column) > 0)?;
    Some((dialect, best, known.get(&first[best]).is_none()))
}

/// The ids of a column.
fn of_column(
    path: &Path,
    content: &[u8],
    dialect: Dialect,
    column: usize,
    header: bool,
) -> Result<Vec<Vec<u8>>> {
    let mut ids = Vec::new();
    let mut fault = None;
    let mut first = header;
    records(content, dialect, 1, |line, record| {
        let id = record.map(|fields| fields.get(column).filter(|id| !id.is_empty()));
        match id {
            _ if std::mem::take(&mut first) => {}
            Ok(Some(id)) => ids.push(id.to_vec()),
            Ok(None) => fault = Some((line, format!("found no id in column {}, expected one", column + 1))),
            Err(why) => fault = Some((line, why.to_owned())),
        }
        if fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    match fault {
        Some((line, why)) => Err(Error::Input(format!("{}:{line}: {why}", path.display()))),
        None => Ok(ids),
    }
}

/// The ids of a file with one id a line.
fn of_lines(path: &Path, content: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut ids = Vec::new();
    let (mut rest, mut line) = (content, 1);
    while !rest.is_empty() {
        let end = quotes::first_record_end(rest, Some(LINES)).unwrap_or(rest.len());
        let (record, after) = rest.split_at(end);
        let id = record.strip_suffix(b"\n").unwrap_or(record);
        let id = id.strip_suffix(b"\r").unwrap_or(id);
        if let Some(fault) = quotes::fault(record, LINES) {
            return Err(Error::Input(format!("{}:{line}: {fault}", path.display())));
        }
        let header = line == 1 && names_ids(id.trim_ascii_end());
        if !id.trim_ascii().is_empty() && !header {
            ids.push(unquoted(id));
        }
        line += memchr::memchr_iter(b'\n', record).count();
        rest = after;
    }
    Ok(ids)
}

/// A field without its quotes, if it has them.
fn unquoted(field: &[u8]) -> Vec<u8> {
    let Some(inner) = field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\"")) else {
        return field.to_vec();
    };
    let mut doubled = false;
    let once = |byte: &&u8| {
        doubled = **byte == b'"' && !doubled;
        **byte != b'"' || doubled
    };
    inner.iter().filter(once).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_come_off() {
        assert_eq!(unquoted(b"\"a\"\"b\"\"\"\"\""), b"a\"b\"\"");
        assert_eq!(unquoted(b"a\"b"), b"a\"b");
        assert_eq!(unquoted(b"\""), b"\"");
    }

    #[test]
    fn lines_or_a_column() {
        let mut known = IdMap::new();
        for id in ["17", "9", "Bob, Jr"] {
            known.number(id.as_bytes());
        }
        let ids = |text: &str, side| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ids");
            std::fs::write(&path, text).unwrap();
            let ids = read_ids(&path, side, &known).unwrap();
            ids.into_iter().map(|id| String::from_utf8(id).unwrap()).collect::<Vec<_>>()
        };
        let two = ["17", "9"];
        for text in [
            "17\n9\n",
            "user_id\n17\n9\n",
            "userId,name\n17,Bob\n9,Amy\n",
            "name;user\nBob;17\nAmy;9\n",
            "Bob,17\nAmy,9\n",
            "who,what\nBob,17\nAmy,9\n",
        ] {
            assert_eq!(ids(text, Side::User), two, "{text}");
        }
        assert_eq!(ids("user,item\na,17\nb,9\n", Side::Item), two);
        assert_eq!(ids("Bob, Jr\n17\n", Side::User), ["Bob, Jr", "17"]);
        assert_eq!(ids("no,body\nknows,this\n", Side::User), ["no,body", "knows,this"]);
    }
}
