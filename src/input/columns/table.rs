//! The first rows of a table, and the roles that their columns have.

use super::look::Look;
use super::names::{NAMES, TIMES, WEIGHTS, are_numbers, last_part, names_ids, names_no_values, plain};
use crate::error::{Error, Result};
use crate::input::layout::{Columns, Row};
use crate::input::value::spelling::is_number;
use crate::ratings::Feedback;

pub(super) const SETTINGS: [&str; 3] = ["input.user_column", "input.item_column", "input.rating_column"];
pub(super) const WEIGHT_SETTING: &str = "input.weight_column";
pub(super) const TIME_SETTING: &str = "input.time_column";

/// The first rows of a table.
pub(super) struct Table<'a> {
    pub(super) first: &'a Row,
    /// The rows below it.
    pub(super) below: &'a [Row],
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

/// The roles that columns have by position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) roles: [Option<usize>; 3],
    /// A column of times before that of the values.
    pub(super) time: Option<usize>,
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
        let whole: Vec<String> = self.first.iter().map(|name| plain(name)).collect();
        let last: Vec<String> = self.first.iter().map(|name| plain(last_part(name))).collect();
        let among = |names: &[String], names_of_role: &[&str], at: [Option<usize>; 3]| {
            let mut free = names_of_role.iter().filter_map(|usual| {
                names.iter().position(|name| name == usual).filter(|&column| self.is_free(at, column))
            });
            free.next()
        };
        let usual = |names_of_role: &[&str], at| {
            among(&whole, names_of_role, at).or_else(|| among(&last, names_of_role, at))
        };
        for role in 0..self.roles() {
            at[role] = at[role].or_else(|| usual(NAMES[role], at));
        }
        if complete(at) && at[2].is_none() && self.needs_values && self.said.is_none() {
            at[2] = usual(&WEIGHTS, at);
        }
        at
    }

    /// The cells of a column; those of the first row, too, unless it is a header.
    pub(super) fn look(&self, column: usize, header: bool) -> Look<'_> {
        Look::of(self.below.iter().chain((!header).then_some(self.first)), column)
    }

    /// Gives the unknown columns the lowest free positions. A column that counts the rows is none of them where
    /// others suffice, and times are no values.
    pub(super) fn by_position(&self, at: [Option<usize>; 3], header: bool) -> Result<Placed> {
        let plain = self.lowest(at, 0, header);
        let placed = match plain.roles {
            [Some(0), Some(item), Some(rating)] if at[0].is_none() && self.counts_rows(header) => {
                let other = self.lowest(at, 1, header);
                // The values must remain values: `row,user,item,rating`, not `user,item,rating,other`.
                let shifted = [Some(item), Some(rating)] == [other.roles[0], other.roles[1]];
                let value = other.roles[2].filter(|&value| shifted && self.look(value, header).is_numbers());
                if value.is_some() { other } else { plain }
            }
            _ => plain,
        };
        for (role, column) in placed.roles.iter().take(2).enumerate() {
            if let (None, Some(column)) = (at[role], column)
                && self.look(*column, header).is_dates()
            {
                return Err(self.dated(role, *column, header));
            }
        }
        Ok(placed)
    }

    /// Whether the first column counts the rows.
    fn counts_rows(&self, header: bool) -> bool {
        let rows = (!header).then_some(self.first).into_iter().chain(self.below);
        Look::of(rows, 0).counts()
    }

    /// The lowest free positions from `from`.
    fn lowest(&self, at: [Option<usize>; 3], from: usize, header: bool) -> Placed {
        let mut placed = Placed { roles: at, time: None };
        let unnamed = |column: &usize| header && self.first[*column].trim_ascii().is_empty();
        for role in 0..self.roles() {
            if placed.roles[role].is_some() {
                continue;
            }
            let taken = placed.roles;
            let mut free =
                (from..self.first.len()).filter(|column| !unnamed(column) && self.is_free(taken, *column));
            placed.roles[role] = free.next();
            if role < 2 {
                continue;
            }
            while let Some(column) = placed.roles[role].filter(|&column| self.look(column, header).is_times())
            {
                placed.time = placed.time.or(Some(column));
                placed.roles[role] = free.next();
            }
        }
        let is_rating = |column: &usize| {
            let field = self.below.first().unwrap_or(self.first).get(*column);
            self.needs_values || field.is_some_and(|field| field.is_empty() || is_number(field))
        };
        placed.roles[2] = placed.roles[2].filter(is_rating);
        placed
    }

    /// The roles of a header that knows users or items, not both, where one column is left for the other.
    pub(super) fn only_left(&self, known: [Option<usize>; 3]) -> Option<[Option<usize>; 3]> {
        let missing = match known {
            [None, Some(_), _] => 0,
            [Some(_), None, _] => 1,
            _ => return None,
        };
        let is_time = |column: usize| TIMES.contains(&plain(&self.first[column]).as_str());
        let is_index = |column: usize| {
            let name = plain(&self.first[column]);
            name.is_empty() || name == "index" || name.starts_with("unnamed")
        };
        let mut left = (0..self.first.len())
            .filter(|&column| self.is_free(known, column) && !is_time(column) && !is_index(column));
        let mut all = known;
        all[missing] = left.next();
        (all[missing].is_some() && left.next().is_none()).then_some(all)
    }

    /// Whether the first row holds names with the numbers of the columns, and is no row itself: `0,1,2` may be one
    /// where users are numbers from 0, and then other rows have that user.
    pub(super) fn has_numbered_names(&self) -> bool {
        if !are_numbers(self.first) || self.below.is_empty() {
            return false;
        }
        let is_plain = self.first.iter().all(|name| is_number(name));
        !is_plain || !self.below.iter().any(|row| row.first() == self.first.first())
    }

    /// Whether a column has no role yet.
    fn is_free(&self, at: [Option<usize>; 3], column: usize) -> bool {
        !at.contains(&Some(column)) && self.time != Some(column)
    }

    /// The column of times: by its name, or `late`, or the first free one that holds times after the others.
    pub(super) fn guess_time(
        &self,
        at: [Option<usize>; 3],
        (header, numbered): (bool, bool),
        late: Option<usize>,
    ) -> Option<usize> {
        if header && !numbered {
            let names = |of: fn(&[u8]) -> &[u8]| -> Vec<String> {
                self.first.iter().map(|name| plain(of(name))).collect()
            };
            let found = |names: &[String]| {
                let mut places = TIMES.iter().filter_map(|usual| names.iter().position(|name| name == usual));
                places.find(|&column| self.is_free(at, column))
            };
            return found(&names(|name| name)).or_else(|| found(&names(last_part)));
        }
        late.or_else(|| {
            let after = at.into_iter().flatten().max()? + 1;
            (after..self.first.len())
                .find(|&column| self.is_free(at, column) && self.look(column, header).is_times())
        })
    }

    /// Whether the first row holds names: its value is no number. Without a column of values, its ids are
    /// usual names, or they are no numbers and those below are.
    pub(super) fn has_header(&self, at: [Option<usize>; 3], known: [Option<usize>; 3]) -> Result<bool> {
        let holds = |row: &[Vec<u8>], column: Option<usize>, suits: fn(&[u8]) -> bool| {
            column.and_then(|column| row.get(column)).is_some_and(|field| suits(field))
        };
        let guess = self.lowest(at, 0, false).roles;
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
        let below = |suits: &dyn Fn(&Row) -> bool| self.below.first().is_some_and(suits);
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
    pub(super) fn columns(&self, at: [Option<usize>; 3]) -> Result<Columns> {
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
        Ok(Columns { user, item, rating: at[2], time: None, width })
    }

    /// Whether a column without a role has numbers, and no name of something that is no value.
    fn may_have_values(&self, at: [Option<usize>; 3]) -> bool {
        let has_number = |column: usize| {
            self.below.first().and_then(|second| second.get(column)).is_some_and(|field| is_number(field))
        };
        (0..self.first.len()).any(|column| {
            self.is_free(at, column)
                && has_number(column)
                && !names_no_values(&self.first[column])
                && !self.look(column, true).is_times()
        })
    }

    /// What the values stand for: what the settings say, else by the name of their column.
    pub(super) fn feedback(&self, values: Option<usize>, header: bool) -> Feedback {
        let Some(column) = values else { return Feedback::Pairs };
        let names = [plain(&self.first[column]), plain(last_part(&self.first[column]))];
        let by_name = if header && names.iter().any(|name| WEIGHTS.contains(&name.as_str())) {
            Feedback::Weights
        } else {
            Feedback::Ratings
        };
        self.said.unwrap_or(by_name)
    }
}
