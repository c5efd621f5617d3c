//! The first rows of a table, and the roles that their columns have.

use crate::error::{Error, Result};
use crate::input::header::{NAMES, TIMES, WEIGHTS, names_ids, names_no_values, plain};
use crate::input::layout::Columns;
use crate::input::number::number;
use crate::input::time::moment;
use crate::ratings::Feedback;

pub(super) const SETTINGS: [&str; 3] = ["input.user_column", "input.item_column", "input.rating_column"];
pub(super) const WEIGHT_SETTING: &str = "input.weight_column";
pub(super) const TIME_SETTING: &str = "input.time_column";

/// The first rows of a table.
pub(super) struct Table<'a> {
    pub(super) first: &'a [Vec<u8>],
    pub(super) second: Option<&'a [Vec<u8>]>,
    pub(super) needs_values: bool,
    /// What the settings say of the values.
    pub(super) said: Option<Feedback>,
    pub(super) place: &'a str,
    /// The column of times that the settings name.
    pub(super) time: Option<usize>,
}

/// Whether the columns of ids are known.
pub(super) fn complete(at: [Option<usize>; 3]) -> bool {
    at[0].is_some() && at[1].is_some()
}

fn is_number(field: &[u8]) -> bool {
    number(field).is_some()
}

impl Table<'_> {
    /// The column that a setting names, by position or by name.
    pub(super) fn named(&self, setting: &str, asked: &str) -> Result<usize> {
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

    /// The settings that name the columns of the roles.
    pub(super) fn settings(&self) -> [&'static str; 3] {
        let [user, item, rating] = SETTINGS;
        [user, item, if self.said == Some(Feedback::Weights) { WEIGHT_SETTING } else { rating }]
    }

    /// The number of roles that columns can have.
    pub(super) fn roles(&self) -> usize {
        if self.said == Some(Feedback::Pairs) { 2 } else { 3 }
    }

    /// Adds the columns that have usual names to those that are known.
    pub(super) fn by_name(&self, mut at: [Option<usize>; 3]) -> [Option<usize>; 3] {
        let names: Vec<String> = self.first.iter().map(|name| plain(name)).collect();
        let usual = |names_of_role: &[&str], at: [Option<usize>; 3]| {
            let mut free = names_of_role.iter().filter_map(|usual| {
                names.iter().position(|name| name == usual).filter(|&column| self.is_free(at, column))
            });
            free.next()
        };
        for role in 0..self.roles() {
            at[role] = at[role].or_else(|| usual(NAMES[role], at));
        }
        if complete(at) && at[2].is_none() && self.needs_values && self.said.is_none() {
            at[2] = usual(&WEIGHTS, at);
        }
        at
    }

    /// Gives the unknown columns the lowest free positions.
    pub(super) fn by_position(&self, mut at: [Option<usize>; 3]) -> [Option<usize>; 3] {
        for role in 0..self.roles() {
            if at[role].is_none() {
                at[role] = (0..self.first.len()).find(|&column| self.is_free(at, column));
            }
        }
        let is_rating = |column: &usize| {
            let field = self.second.unwrap_or(self.first).get(*column);
            self.needs_values || field.is_some_and(|field| field.is_empty() || is_number(field))
        };
        at[2] = at[2].filter(is_rating);
        at
    }

    /// Whether a column has no role yet.
    fn is_free(&self, at: [Option<usize>; 3], column: usize) -> bool {
        !at.contains(&Some(column)) && self.time != Some(column)
    }

    /// The column of times: by its name, or the first free one if it holds dates, or Unix times after 1973.
    pub(super) fn guess_time(&self, at: [Option<usize>; 3], header: bool) -> Option<usize> {
        if header {
            let names: Vec<String> = self.first.iter().map(|name| plain(name)).collect();
            let mut places = TIMES.iter().filter_map(|usual| names.iter().position(|name| name == usual));
            return places.find(|&column| self.is_free(at, column));
        }
        let late =
            |row: &[Vec<u8>], column: usize| moment(&row[column]).is_some_and(|time| time > 100_000_000_000);
        let column = (0..self.first.len()).find(|&column| self.is_free(at, column))?;
        let rows = [Some(self.first), self.second];
        rows.into_iter().flatten().all(|row| row.len() > column && late(row, column)).then_some(column)
    }

    /// Whether the first row holds names: its value is no number. Without a column of values, its ids are
    /// usual names, or they are no numbers and those below are.
    pub(super) fn has_header(&self, at: [Option<usize>; 3], known: [Option<usize>; 3]) -> Result<bool> {
        let holds = |row: &[Vec<u8>], column: Option<usize>, suits: fn(&[u8]) -> bool| {
            column.and_then(|column| row.get(column)).is_some_and(|field| suits(field))
        };
        let guess = self.by_position(at);
        let value = known[2].or(guess[2]);
        if holds(self.first, value, is_number) {
            return Ok(false);
        }
        if complete(known) && known != at {
            return Ok(true);
        }
        let ids = |row: &[Vec<u8>], suits| [guess[0], guess[1]].map(|column| holds(row, column, suits));
        if ids(self.first, is_number).contains(&true) || holds(self.first, value, <[u8]>::is_empty) {
            return Ok(false);
        }
        let below = |suits: &dyn Fn(&[Vec<u8>]) -> bool| self.second.is_some_and(suits);
        if known != at || below(&|second| holds(second, guess[2], is_number)) {
            return Ok(true);
        }
        if self.needs_values && guess[2].is_some() {
            return Err(self.narrow(known));
        }
        let names = ids(self.first, names_ids) == [true; 2];
        Ok(names || guess[2].is_none() && below(&|second| ids(second, is_number) == [true; 2]))
    }

    /// The columns of these roles.
    pub(super) fn columns(&self, at: [Option<usize>; 3], header: bool) -> Result<Columns> {
        let width = self.first.len();
        let (Some(user), Some(item)) = (at[0], at[1]) else { return Err(self.narrow(at)) };
        if self.needs_values && at[2].is_none() && self.said.is_none() && self.may_have_values(at) {
            return Err(self.unclear(at));
        }
        let known = [Some(user), Some(item), at[2], self.time];
        if (1..4).any(|at| known[at].is_some() && known[..at].contains(&known[at])) {
            let settings = [&self.settings()[..], &[TIME_SETTING]].concat().join("`, `");
            return Err(Error::Usage(format!("{}: `{settings}` name one column twice", self.place)));
        }
        Ok(Columns { user, item, rating: at[2], feedback: self.feedback(at[2], header), time: None, width })
    }

    /// Whether a column without a role has numbers, and no name of something that is no value.
    fn may_have_values(&self, at: [Option<usize>; 3]) -> bool {
        let has_number = |column: usize| {
            self.second.and_then(|second| second.get(column)).is_some_and(|field| is_number(field))
        };
        (0..self.first.len()).any(|column| {
            self.is_free(at, column) && has_number(column) && !names_no_values(&self.first[column])
        })
    }

    /// What the values stand for: what the settings say, else by the name of their column.
    fn feedback(&self, values: Option<usize>, header: bool) -> Feedback {
        let Some(column) = values else { return Feedback::Pairs };
        let by_name = if header && WEIGHTS.contains(&plain(&self.first[column]).as_str()) {
            Feedback::Weights
        } else {
            Feedback::Ratings
        };
        self.said.unwrap_or(by_name)
    }
}
