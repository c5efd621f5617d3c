//! Finds the columns of users, items, ratings and times: from the settings, else by the names of the header,
//! else by position.

use super::field::show;
use super::header::{NAMES, TIMES, plain};
use super::layout::Columns;
use super::number::number;
use super::options::{ReadOptions, Wanted};
use super::time::moment;
use crate::error::{Error, Result};

/// A row of a file, as its fields.
pub(super) type Row = Vec<Vec<u8>>;

const SETTINGS: [&str; 3] = ["input.user_column", "input.item_column", "input.rating_column"];
const TIME_SETTING: &str = "input.time_column";
const ROLES: [&str; 3] = ["user", "item", "rating"];

/// The columns of a file that names them. `place` is the file, for errors.
#[cfg(feature = "parquet")]
pub(super) fn of_names(names: &Row, options: &ReadOptions, wanted: Wanted, place: &str) -> Result<Columns> {
    Ok(find((names, None), true, options, wanted, place)?.0)
}

/// Finds the columns from the first two rows, and whether the first is a header. `place` is its `file:line`.
pub(super) fn resolve(
    first: &Row,
    second: Option<&Row>,
    options: &ReadOptions,
    wanted: Wanted,
    place: &str,
) -> Result<(Columns, bool)> {
    find((first, second), false, options, wanted, place)
}

/// As [`resolve`]; if `sure`, the first row is a header.
fn find(
    (first, second): (&Row, Option<&Row>),
    sure: bool,
    options: &ReadOptions,
    wanted: Wanted,
    place: &str,
) -> Result<(Columns, bool)> {
    let needs_ratings = wanted.ratings;
    let mut table = Table { first, second, needs_ratings, place, time: None };
    let time_named = options.time_column.as_ref();
    table.time = match time_named.map(|asked| table.named(TIME_SETTING, asked)).transpose() {
        Err(error) if wanted.times => return Err(error),
        // If times are not wanted, the file need not have any.
        found => found.unwrap_or_default(),
    };
    let settings = [&options.user_column, &options.item_column, &options.rating_column];
    let mut at = [None; 3];
    for (role, asked) in settings.into_iter().enumerate() {
        at[role] = asked.as_ref().map(|asked| table.named(SETTINGS[role], asked)).transpose()?;
    }
    let is_name = |asked: &String| asked.parse::<usize>().is_err();
    let time_named = time_named.filter(|_| table.time.is_some());
    let named = sure || settings.into_iter().flatten().chain(time_named).any(is_name);
    let known = table.by_name(at);
    let header = named || table.has_header(at, known)?;
    let found = if header && (named || complete(known, needs_ratings)) {
        known
    } else if header && known != at {
        return Err(table.unclear(known));
    } else {
        table.by_position(at)
    };
    let mut columns = table.columns(found)?;
    if wanted.times {
        columns.time = table.time.or_else(|| table.guess_time(found, header));
    }
    Ok((columns, header))
}

fn complete(at: [Option<usize>; 3], needs_ratings: bool) -> bool {
    at[0].is_some() && at[1].is_some() && (at[2].is_some() || !needs_ratings)
}

struct Table<'a> {
    first: &'a Row,
    second: Option<&'a Row>,
    needs_ratings: bool,
    place: &'a str,
    /// The column of times that the settings name.
    time: Option<usize>,
}

impl Table<'_> {
    /// The column that a setting names, by position or by name.
    fn named(&self, setting: &str, asked: &str) -> Result<usize> {
        let found = match asked.parse::<usize>() {
            Ok(position) => position.checked_sub(1).filter(|&at| at < self.first.len()),
            Err(_) => (self.first.iter().position(|name| name == asked.as_bytes()))
                .or_else(|| self.first.iter().position(|name| plain(name) == plain(asked.as_bytes()))),
        };
        found.ok_or_else(|| {
            let columns = self.listed();
            let place = self.place;
            Error::Usage(format!("{place}: no column for `{setting} = {asked}`; the columns are {columns}"))
        })
    }

    /// Adds the columns that have usual names to those that are known.
    fn by_name(&self, mut at: [Option<usize>; 3]) -> [Option<usize>; 3] {
        let names: Vec<String> = self.first.iter().map(|name| plain(name)).collect();
        for role in 0..3 {
            let mut free = NAMES[role].iter().filter_map(|usual| {
                names.iter().position(|name| name == usual).filter(|&column| self.is_free(at, column))
            });
            at[role] = at[role].or_else(|| free.next());
        }
        at
    }

    /// Gives the unknown columns the lowest free positions.
    fn by_position(&self, mut at: [Option<usize>; 3]) -> [Option<usize>; 3] {
        for role in 0..3 {
            if at[role].is_none() {
                at[role] = (0..self.first.len()).find(|&column| self.is_free(at, column));
            }
        }
        let is_rating = |column: &usize| {
            let field = self.second.unwrap_or(self.first).get(*column);
            self.needs_ratings || field.is_some_and(|field| field.is_empty() || number(field).is_some())
        };
        at[2] = at[2].filter(is_rating);
        at
    }

    /// Whether a column has no role yet.
    fn is_free(&self, at: [Option<usize>; 3], column: usize) -> bool {
        !at.contains(&Some(column)) && self.time != Some(column)
    }

    /// The column of times: by its name, or the first free one if it holds dates, or Unix times after 1973.
    fn guess_time(&self, at: [Option<usize>; 3], header: bool) -> Option<usize> {
        if header {
            let names: Vec<String> = self.first.iter().map(|name| plain(name)).collect();
            let mut places = TIMES.iter().filter_map(|usual| names.iter().position(|name| name == usual));
            return places.find(|&column| self.is_free(at, column));
        }
        let late = |row: &Row, column: usize| moment(&row[column]).is_some_and(|time| time > 100_000_000_000);
        let column = (0..self.first.len()).find(|&column| self.is_free(at, column))?;
        let rows = [Some(self.first), self.second];
        rows.into_iter().flatten().all(|row| row.len() > column && late(row, column)).then_some(column)
    }

    /// Whether the first row holds names: its rating is no number.
    fn has_header(&self, at: [Option<usize>; 3], known: [Option<usize>; 3]) -> Result<bool> {
        let is_number = |row: &Row, column: Option<usize>| {
            column.and_then(|column| row.get(column)).is_some_and(|field| number(field).is_some())
        };
        let guess = self.by_position(at);
        let rating = known[2].or(guess[2]);
        if is_number(self.first, rating) {
            return Ok(false);
        }
        if complete(known, self.needs_ratings) && known != at {
            return Ok(true);
        }
        let ids_are_numbers = is_number(self.first, guess[0]) || is_number(self.first, guess[1]);
        let has_gap = rating.and_then(|column| self.first.get(column)).is_some_and(Vec::is_empty);
        if ids_are_numbers || has_gap {
            return Ok(false);
        }
        if known != at || self.second.is_some_and(|second| is_number(second, guess[2])) {
            return Ok(true);
        }
        if self.needs_ratings { Err(self.narrow(known)) } else { Ok(false) }
    }

    /// The error for a header that lacks a needed column.
    fn unclear(&self, known: [Option<usize>; 3]) -> Error {
        let needed = if self.needs_ratings { 3 } else { 2 };
        let missing: Vec<usize> = (0..needed).filter(|&role| known[role].is_none()).collect();
        let roles: Vec<&str> = missing.iter().map(|&role| ROLES[role]).collect();
        let settings: Vec<String> = missing.iter().map(|&role| format!("`{}`", SETTINGS[role])).collect();
        Error::Input(format!(
            "{}: found columns {}, expected one for each of user, item{}: no {} column is known; name it with {}",
            self.place,
            self.listed(),
            if self.needs_ratings { ", rating" } else { "" },
            roles.join(" or "),
            settings.join(", "),
        ))
    }

    fn columns(&self, at: [Option<usize>; 3]) -> Result<Columns> {
        let width = self.first.len();
        let (Some(user), Some(item)) = (at[0], at[1]) else { return Err(self.narrow(at)) };
        if self.needs_ratings && at[2].is_none() {
            return Err(self.narrow(at));
        }
        let known = [Some(user), Some(item), at[2], self.time];
        if (1..4).any(|at| known[at].is_some() && known[..at].contains(&known[at])) {
            let settings = [&SETTINGS[..], &[TIME_SETTING]].concat().join("`, `");
            return Err(Error::Usage(format!("{}: `{settings}` name one column twice", self.place)));
        }
        Ok(Columns { user, item, rating: at[2], time: None, width })
    }

    fn narrow(&self, at: [Option<usize>; 3]) -> Error {
        if self.first.len() >= 3 {
            return self.unclear(at);
        }
        let count = self.first.len();
        let expected = if self.needs_ratings {
            "at least 3: user, item, rating (no ratings column)"
        } else {
            "at least 2: user, item"
        };
        let columns = self.listed();
        Error::Input(format!(
            "{}: found {count} column(s) {columns}, expected {expected}; columns are named with `{}`",
            self.place,
            SETTINGS.join("` `")
        ))
    }

    fn listed(&self) -> String {
        let names: Vec<String> = self.first.iter().take(30).map(|name| format!("`{}`", show(name))).collect();
        names.join(", ")
    }
}
