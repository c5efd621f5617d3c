//! Reads the titles of items.

use super::columns::names::{TITLES, names_ids, plain};
use super::file::open::{self, Columnar};
use super::format::{as_text, json, quotes, records};
use super::layout::{Dialect, Quotes, Quoting};
use super::value::field::decode;
use super::{sniff, text};
use crate::error::{Error, Result};
use crate::ratings::IdMap;
use std::ops::ControlFlow;
use std::path::Path;

/// The title of each item of `known`, by number; `None` for those that the file does not name.
///
/// The column of titles is found by its name, that of the ids by its values: it is the one that holds the
/// most known ids. Without a header, ids come first and titles second. Titles that are not UTF-8 are read as
/// windows-1252, which contains Latin-1. Blank titles and rows that cannot be read are ignored.
///
/// # Errors
/// If the file cannot be read, has one column only, or names no known item.
pub fn read_names(path: &Path, known: &IdMap) -> Result<Vec<Option<String>>> {
    let content = if open::columnar(path)? == Some(Columnar::Parquet) {
        as_text(path)?
    } else {
        let content = text::read_all(path)?;
        json::as_text(&content).unwrap_or(content)
    };
    let Some(dialect) = sniff::best_of_all(&content[..content.len().min(1 << 16)], 2) else {
        let message = "found one column, expected ids and titles in columns";
        return Err(Error::Input(format!("{}:1: {message}", path.display())));
    };
    let dialect = without_loose_quotes(dialect, &content);
    let header = sniff::head(&content, dialect, 1).pop().unwrap_or_default();
    let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
    let titled = TITLES.iter().find_map(|title| names.iter().position(|name| name == title));
    let Some(id) = id_column(&content, dialect, &header, titled, known) else {
        let columns: Vec<String> = header.iter().map(|name| decode(name)).collect();
        return Err(Error::Input(format!(
            "{}: none of its columns ({}) holds an id of a known item, expected ids as in the ratings",
            path.display(),
            columns.join(", ")
        )));
    };
    let title = titled.unwrap_or(usize::from(id != 1));
    let mut titles = vec![None; known.len()];
    records(&content, dialect, 1, |_, record| {
        if let Ok(fields) = record
            && let (Some(id), Some(title)) = (fields.get(id), fields.get(title))
            && let Some(number) = known.get(id)
            && !title.trim_ascii().is_empty()
        {
            titles[number as usize].get_or_insert_with(|| decode(title));
        }
        ControlFlow::Continue(())
    });
    Ok(titles)
}

/// Tabs are often used without quoting, and then titles may start with a quote.
fn without_loose_quotes(dialect: Dialect, content: &[u8]) -> Dialect {
    match dialect {
        Dialect::Delimited { delimiter: b'\t', quotes: Quotes::Doubled }
            if quotes::fault(content, Quoting { delimiter: b'\t', escaped: false }).is_some() =>
        {
            Dialect::Delimited { delimiter: b'\t', quotes: Quotes::None }
        }
        _ => dialect,
    }
}

/// The column with the most different known ids; among equals, one with a usual name, then the first.
fn id_column(
    content: &[u8],
    dialect: Dialect,
    header: &[Vec<u8>],
    titled: Option<usize>,
    known: &IdMap,
) -> Option<usize> {
    let words = known.len().div_ceil(64);
    let mut seen = vec![vec![0_u64; words]; header.len()];
    records(content, dialect, 1, |_, record| {
        for (seen, field) in seen.iter_mut().zip(record.iter().flat_map(|fields| fields.iter())) {
            if let Some(number) = known.get(field) {
                seen[number as usize / 64] |= 1 << (number % 64);
            }
        }
        ControlFlow::Continue(())
    });
    let counts = seen.iter().map(|words| words.iter().map(|word| word.count_ones()).sum::<u32>());
    let usable = counts.enumerate().filter(|&(column, count)| count > 0 && Some(column) != titled);
    usable
        .max_by_key(|&(column, count)| (count, names_ids(&header[column]), std::cmp::Reverse(column)))
        .map(|(column, _)| column)
}
