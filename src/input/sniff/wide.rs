//! Tables of a row a user, and a column an item.

use crate::error::{Error, Result};
use crate::input::columns::names::{NAMES, TITLES, names_ids, plain};
use crate::input::layout::{Row, Wide};
use crate::input::options::{ReadOptions, Wanted};
use crate::input::value::Reading;
use crate::input::value::field::show;
use crate::input::value::missing::Missing;
use crate::input::value::number::number;
use crate::input::value::spelling::{Guess, Spelling, either, is_number};
use crate::ratings::Feedback;
use std::collections::BTreeSet;

/// A wide table that was recognised.
pub(super) struct Found {
    pub(super) wide: Wide,
    pub(super) header: bool,
    pub(super) reading: Reading,
    /// The arrangement in words, and what its columns became.
    pub(super) words: String,
    pub(super) told: String,
}

/// Fewer rows or columns do not show that all columns hold the same.
const ROWS: usize = 3;
const COLUMNS: usize = 6;
/// The part of all values that a column of ratings spans at least, and the part of columns that do.
const SPAN: f64 = 0.2;
const MOST: f64 = 0.8;
/// Texts of blank cells, in lower case.
const BLANKS: [&str; 9] = ["", "na", "n/a", "nan", "null", "none", "\\n", "-", "?"];

/// The wide table that rows begin, the first of which may be a header; an error if it must be one and is none.
pub(super) fn of(
    rows: &[Row],
    options: &ReadOptions,
    wanted: Wanted,
    asked: bool,
    place: &str,
) -> Result<Option<Found>> {
    let named = [&options.rating_column, &options.weight_column, &options.time_column];
    let columns = [&options.user_column, &options.item_column];
    if !asked && (named.into_iter().chain(columns).any(Option::is_some) || !wanted.ratings) {
        return Ok(None);
    }
    let Some(first) = rows.first() else { return Ok(None) };
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let below: Vec<&Row> = rows.iter().skip(1).filter(|row| row.len() == width).collect();
    if !asked && (width < COLUMNS || below.len() < ROWS) || first.len() != width {
        return if asked { Err(none(place, "rows of one length")) } else { Ok(None) };
    }
    let table = Table { first, below, width };
    let header = table.has_header();
    let Some(id) = table.id(header, options, asked, place)? else { return Ok(None) };
    let cells: Vec<usize> = (0..width).filter(|&at| id.is_cell(at) && table.is_numbers(at, header)).collect();
    let values = table.values(&cells, header);
    let apart = Apart::of(&values, table.has_blanks(&cells, header));
    let left = |value: &f64| !apart.values.contains(value);
    let span = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (value.min(low), value.max(high)));
        high - low
    };
    let whole = span(&mut values.iter().copied().filter(left));
    let alike = |at: &&usize| {
        let own: Vec<f64> =
            table.values(std::slice::from_ref(*at), header).into_iter().filter(left).collect();
        own.len() < ROWS || span(&mut own.iter().copied()) >= SPAN * whole
    };
    let fits =
        cells.len() + 2 >= width && cells.iter().filter(alike).count() as f64 >= MOST * cells.len() as f64;
    if cells.is_empty() || !whole.is_finite() || !asked && (!fits || cells.len() + 1 < COLUMNS) {
        return if asked { Err(none(place, "columns of numbers")) } else { Ok(None) };
    }
    let mut reading =
        Reading { feedback: Feedback::Ratings, missing: Missing::of(&options.missing), ..Reading::default() };
    apart.values.iter().for_each(|&value| reading.missing.add(value));
    table.texts(&cells, header).into_iter().for_each(|text| reading.missing.add_text(text));
    let fields = table
        .rows(header)
        .flat_map(|row| cells.iter().map(|&at| &row[at][..]))
        .filter(|field| !is_blank(field));
    reading.spelling =
        match Spelling::guess(&fields.collect::<Vec<_>>().into_iter(), options.decimal, options.thousands) {
            Guess::Is(spelling) => spelling,
            Guess::Either(field) => {
                return Err(Error::Input(format!("{place}: found {}", either(&field))));
            }
        };
    let ids =
        |at: usize| if header { first[at].clone() } else { (at - cells[0] + 1).to_string().into_bytes() };
    let turned = header && id.column.is_some_and(|at| names_items(&first[at]));
    let wide = Wide {
        id: id.column,
        cells: cells.iter().map(|&at| (at, ids(at))).collect(),
        turned,
        width,
        first: 1,
    };
    let (rows, columns) = if turned { ("item", "user") } else { ("user", "item") };
    let of_rows = match id.column {
        Some(at) => format!(
            "{rows} {}{}",
            at + 1,
            if header && !first[at].is_empty() { format!(" `{}`", show(&first[at])) } else { String::new() }
        ),
        None => format!("{rows}s are numbers of rows"),
    };
    let (from, to) = (cells[0] + 1, cells[cells.len() - 1] + 1);
    let told = format!("{of_rows}, {columns}s {from} to {to}{}", id.why);
    let words = format!("wide, a row a{}{}", if turned { "n item" } else { " user" }, apart.words());
    Ok(Some(Found { wide, header, reading, words, told }))
}

fn none(place: &str, expected: &str) -> Error {
    Error::Input(format!(
        "{place}: found no wide table, expected {expected} of ratings, and one of ids or none"
    ))
}

fn is_blank(field: &[u8]) -> bool {
    let text = String::from_utf8_lossy(field.trim_ascii()).to_lowercase();
    BLANKS.contains(&&text[..])
}

/// Whether a column of this name holds items.
fn names_items(name: &[u8]) -> bool {
    let name = plain(name);
    NAMES[1].contains(&&name[..]) || TITLES.contains(&&name[..])
}

/// The first rows of a table.
struct Table<'a> {
    first: &'a Row,
    below: Vec<&'a Row>,
    width: usize,
}

/// The column of ids, and a column that is none of ratings, either.
struct IdColumn {
    column: Option<usize>,
    /// A column of something else.
    other: Option<usize>,
    why: &'static str,
}

impl IdColumn {
    fn is_cell(&self, at: usize) -> bool {
        self.column != Some(at) && self.other != Some(at)
    }
}

impl<'a> Table<'a> {
    /// All rows but the header.
    fn rows(&self, header: bool) -> impl Iterator<Item = &'a Row> {
        (!header).then_some(self.first).into_iter().chain(self.below.iter().copied())
    }

    fn is_numbers(&self, at: usize, header: bool) -> bool {
        let mut cells = self.rows(header).map(|row| &row[at]).filter(|cell| !is_blank(cell)).peekable();
        // A column without a rating is one, too.
        cells.all(|cell| is_number(cell))
    }

    fn values(&self, cells: &[usize], header: bool) -> Vec<f64> {
        let fields = self.rows(header).flat_map(|row| cells.iter().map(|&at| &row[at]));
        fields.filter(|field| !is_blank(field)).filter_map(|field| lenient(field)).collect()
    }

    fn has_blanks(&self, cells: &[usize], header: bool) -> bool {
        self.rows(header).any(|row| cells.iter().any(|&at| is_blank(&row[at])))
    }

    /// The texts that stand for no rating.
    fn texts(&self, cells: &[usize], header: bool) -> BTreeSet<&'a [u8]> {
        let fields = self.rows(header).flat_map(|row| cells.iter().map(|&at| row[at].trim_ascii()));
        fields.filter(|field| !field.is_empty() && is_blank(field)).collect()
    }

    /// Whether the first row holds names: some of its cells are no numbers, or most of them are numbers that no
    /// row below has a cell near.
    fn has_header(&self) -> bool {
        let cells: Vec<usize> = (1..self.width).collect();
        if cells.iter().any(|&at| !is_blank(&self.first[at]) && !is_number(&self.first[at])) {
            return true;
        }
        let own: Vec<f64> = cells.iter().filter_map(|&at| lenient(&self.first[at])).collect();
        let different: BTreeSet<u64> = own.iter().map(|value| value.to_bits()).collect();
        if own.len() < cells.len() || different.len() < own.len() {
            return false;
        }
        let below = Self { first: self.below[0], below: self.below[1..].to_vec(), width: self.width };
        let values = below.values(&cells, false);
        let apart = Apart::of(&values, below.has_blanks(&cells, false));
        let known = |value: &f64| values.contains(value) || apart.values.contains(value);
        // The name of the ids is no number, or most names are numbers that are no ratings.
        !is_number(&self.first[0]) && is_number(&self.below[0][0])
            || 2 * own.iter().filter(|value| known(value)).count() < own.len()
    }

    /// The column of ids. `None` if that is not clear and the table need not be wide.
    fn id(&self, header: bool, options: &ReadOptions, asked: bool, place: &str) -> Result<Option<IdColumn>> {
        if let Some(name) = options.user_column.as_ref().or(options.item_column.as_ref()) {
            let position = name.parse::<usize>().ok().and_then(|position| position.checked_sub(1));
            let column = position
                .filter(|&at| at < self.width)
                .or_else(|| self.first.iter().position(|other| plain(other) == plain(name.as_bytes())));
            let Some(column) = column else {
                return Err(none(place, "the column that the settings name, and columns"));
            };
            return Ok(Some(IdColumn { column: Some(column), other: None, why: "" }));
        }
        let column = |why| Ok(Some(IdColumn { column: Some(0), other: None, why }));
        let none = |other, why| Ok(Some(IdColumn { column: None, other, why }));
        let own: Vec<&[u8]> = self.rows(header).map(|row| row[0].trim_ascii()).collect();
        let name = if header { plain(&self.first[0]) } else { String::new() };
        let names = header
            && (name.is_empty()
                || names_ids(&self.first[0])
                || names_items(&self.first[0])
                || name == "index");
        if names || own.iter().any(|id| !is_number(id) && !is_blank(id)) {
            return column("");
        }
        let cells: Vec<usize> = (1..self.width).collect();
        let values = self.values(&cells, header);
        let apart = Apart::of(&values, self.has_blanks(&cells, header));
        let counted = |row: &Row| {
            let given = |field: &&Vec<u8>| {
                !is_blank(field) && lenient(field).is_some_and(|value| !apart.values.contains(&value))
            };
            lenient(&row[0]) == Some(row[1..].iter().filter(given).count() as f64)
        };
        if self.rows(header).all(counted) {
            return none(Some(0), "; column 1 counts the ratings of a row");
        }
        let numbers: Vec<f64> = own.iter().filter_map(|id| lenient(id)).collect();
        let different: BTreeSet<&[u8]> = own.iter().copied().collect();
        let whole = numbers.len() == own.len() && numbers.iter().all(|id| id.fract() == 0.0 && *id >= 0.0);
        let left: Vec<f64> = values.iter().copied().filter(|value| !apart.values.contains(value)).collect();
        let high = left.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if whole && different.len() == own.len() && numbers.iter().any(|&id| id > high) {
            return column("");
        }
        let fits = own.iter().all(|id| {
            is_blank(id)
                || lenient(id).is_some_and(|value| {
                    values.contains(&value) || left.iter().any(|&low| low <= value) && value <= high
                })
        });
        if fits && !header {
            return none(None, "");
        }
        if asked {
            return Err(Error::Input(format!(
                "{place}: column 1 may be ids or ratings; `input.user_column` names the column of users"
            )));
        }
        Ok(None)
    }
}

/// The number of a field, a comma in it taken for a point.
fn lenient(field: &[u8]) -> Option<f64> {
    number(field).or_else(|| {
        number(&field.iter().map(|&byte| if byte == b',' { b'.' } else { byte }).collect::<Vec<_>>())
    })
}

/// Values that programs use for blank cells, without their sign.
const USUAL: [f64; 5] = [9.0, 99.0, 999.0, 9999.0, 99_999.0];

/// The values that stand for blank cells, since they stand apart from all others.
#[derive(Debug, Default)]
struct Apart {
    values: Vec<f64>,
}

impl Apart {
    /// A value at an end of the scale is one if it is much farther from the next than all others are from each other,
    /// or somewhat farther, and one that programs use; if it is -1 below a scale from 0; and 0 below a scale of positive numbers, if no cell is blank and many are 0.
    fn of(values: &[f64], blanks: bool) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let mut distinct = sorted.clone();
        distinct.dedup();
        let mut apart = Self::default();
        let far = |value: f64, gap: f64, range: f64| {
            gap > if USUAL.contains(&value.abs()) { range } else { 3.0 * range }
        };
        if let [rest @ .., next, last] = &distinct[..]
            && let Some(low) = rest.first()
            && far(*last, last - next, next - low)
        {
            apart.values.push(*last);
            distinct.pop();
        }
        if let [first, next, rest @ ..] = &distinct[..]
            && let Some(high) = rest.last()
            && (far(*first, next - first, high - next) || first.total_cmp(&-1.0).is_eq() && *next >= 0.0)
        {
            apart.values.push(*first);
            distinct.remove(0);
        }
        if let [0.0, next, ..] = distinct[..]
            && next > 0.0
            && apart.values.is_empty()
            && !blanks
            && sorted.iter().filter(|value| **value == 0.0).count() * 5 > sorted.len()
        {
            apart.values.push(0.0);
        }
        apart
    }

    fn words(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|value| format!("`{value}`")).collect();
        match &values[..] {
            [] => String::new(),
            values => format!(", {} for no rating", values.join(" and ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::options::{BadRows, TimesWanted};

    fn found(text: &str) -> Option<Found> {
        let rows: Vec<Row> = text
            .lines()
            .map(|line| line.split(',').map(|field| field.as_bytes().to_vec()).collect())
            .collect();
        let wanted = Wanted { ratings: true, bad_rows: BadRows::Error, times: TimesWanted::No, lines: false };
        of(&rows, &ReadOptions::default(), wanted, false, "f:1").unwrap()
    }

    #[test]
    fn tables_of_a_row_a_user() {
        let jester = found("3,99,-1.5,9.2,99,3.1,99\n2,99,-9.5,99,99,1.1,99\n4,5.1,-1.5,2.2,99,-3.1,99\n2,99,99,0.2,99,2.1,99\n").unwrap();
        assert_eq!((jester.wide.id, jester.header, jester.wide.cells.len()), (None, false, 6));
        assert!(jester.reading.missing.has(99.0) && jester.told.contains("counts"), "{}", jester.told);
        let named = found("user,Heat,Up,Alien,Jaws,Big\nann,5,,3,1,\nbob,1,4,,5,2\ncy,,2,5,,4\n").unwrap();
        assert_eq!((named.wide.id, named.header), (Some(0), true));
        assert_eq!(named.wide.cells[1], (2, b"Up".to_vec()));
        let pivot = found(",101,102,103,104,105\n1,5,0,3,1,0\n2,1,4,0,5,2\n3,0,2,5,0,4\n").unwrap();
        assert_eq!((pivot.wide.id, pivot.header), (Some(0), true));
        assert!(pivot.reading.missing.has(0.0) && !pivot.wide.turned);
        let turned = found("movieId,7,8,9,10,11\n501,5,0,3,1,0\n502,1,4,0,5,2\n503,0,2,5,0,4\n").unwrap();
        assert!(turned.wide.turned && turned.header);
        let dense = found("5,0,3,1,0,0\n1,4,0,5,2,0\n0,2,5,0,4,1\n2,0,0,3,0,5\n").unwrap();
        assert_eq!((dense.wide.id, dense.header, dense.wide.cells.len()), (None, false, 6));
    }

    #[test]
    fn tables_of_a_row_a_rating() {
        for long in [
            "17,28,3,1400000000,25,1\n9,19,1,1400000001,31,0\n23,9,4,1400000002,50,1\n34,29,3,1400000003,19,1\n",
            "user,item,rating,age,sex,zip\n17,28,3,25,1,94110\n9,19,1,31,0,10001\n23,9,4,50,1,60601\n3,4,5,33,0,30301\n",
            "ann,heat,3,x,y,z\nbob,up,4,x,y,z\ncy,jaws,1,x,y,z\ndi,big,5,x,y,z\n",
        ] {
            assert!(found(long).is_none(), "{long}");
        }
    }

    #[test]
    fn values_that_stand_apart() {
        assert_eq!(Apart::of(&[1.0, 2.0, 99.0], false).values, [99.0]);
        assert_eq!(Apart::of(&[-10.0, 0.0, 9.9, 99.0], false).values, [99.0]);
        assert_eq!(Apart::of(&[-1.0, 1.0, 3.0, 5.0], true).values, [-1.0]);
        assert_eq!(Apart::of(&[0.0, 0.0, 1.0, 3.0], false).values, [0.0]);
        assert!(Apart::of(&[0.0, 0.0, 1.0, 3.0], true).values.is_empty());
        assert!(Apart::of(&[1.0, 2.0, 3.0, 4.0, 5.0], false).values.is_empty());
        assert!(Apart::of(&[-1.0, -0.5, 0.0, 1.0], false).values.is_empty());
    }
}
