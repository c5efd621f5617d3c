//! The errors for tables whose columns are not clear, and what makes columns doubtful.

use super::look::Look;
use super::table::{SETTINGS, Table, WEIGHT_SETTING};
use crate::error::{Error, Result};
use crate::input::layout::Columns;
use crate::input::value::field::show;
use crate::input::value::spelling::either;

const ROLES: [&str; 3] = ["user", "item", "rating"];

impl Table<'_> {
    /// The error for a header that lacks a needed column.
    pub(super) fn unclear(&self, known: [Option<usize>; 3]) -> Error {
        let needed = if self.needs_values && self.first.len() > 2 { self.roles() } else { 2 };
        let missing: Vec<usize> = (0..needed).filter(|&role| known[role].is_none()).collect();
        let roles: Vec<&str> = missing.iter().map(|&role| ROLES[role]).collect();
        let settings: Vec<String> = missing.iter().map(|&role| format!("`{}`", SETTINGS[role])).collect();
        let other = format!(
            "; `{WEIGHT_SETTING}` names one of weights, and `{} = none` says that there is neither",
            SETTINGS[2]
        );
        Error::Input(format!(
            "{}: found columns {}, expected one for each of {}: no {} column is known; name it with {}{}",
            self.place,
            self.listed(),
            ROLES[..needed].join(", "),
            roles.join(" or "),
            settings.join(", "),
            if missing.contains(&2) { &other } else { "" },
        ))
    }

    /// The error for a table with too few columns, or unclear ones.
    pub(super) fn narrow(&self, at: [Option<usize>; 3]) -> Error {
        if self.first.len() >= 3 {
            return self.unclear(at);
        }
        let count = self.first.len();
        let expected =
            if at[2].is_some() { "at least 3: user, item, rating" } else { "at least 2: user, item" };
        let columns = self.listed();
        Error::Input(format!(
            "{}: found {count} column(s) {columns}, expected {expected}; columns are named with `{}`",
            self.place,
            SETTINGS.join("` `")
        ))
    }

    /// The error for dates where ids should be.
    pub(super) fn dated(&self, role: usize, column: usize, header: bool) -> Error {
        Error::Input(format!(
            "{}: column {} would be that of {}s by its position, and holds dates ({}); name the columns with `{}`",
            self.place,
            column + 1,
            ROLES[role],
            self.look(column, header).examples(),
            SETTINGS.join("` `")
        ))
    }

    /// The error for numbers that have a separator which may mean two things.
    pub(super) fn ambiguous(&self, column: usize, value: &[u8]) -> Error {
        Error::Input(format!("{}: column {} holds {}", self.place, column + 1, either(value)))
    }

    /// Says that the points of a column may separate thousands.
    pub(super) fn pointed(&self, column: usize, value: &[u8]) -> String {
        format!(
            "{}: all numbers of column {} have three digits after a point, such as `{}`, and are read as decimals; \
             `input.decimal = ,` says that points separate thousands",
            self.place,
            column + 1,
            show(value)
        )
    }

    /// What makes columns doubtful that were found by their position, unless they were `asked` for.
    pub(super) fn doubts(&self, columns: &Columns, header: bool, asked: [bool; 3]) -> Result<Vec<String>> {
        let mut doubts = Vec::new();
        let rating = columns.rating.filter(|_| !asked[2]);
        if let Some(rating) = rating {
            let look = self.look(rating, header);
            let next = (rating + 1 < self.first.len() && columns.time != Some(rating + 1))
                .then(|| self.look(rating + 1, header));
            if next.as_ref().is_some_and(Look::is_decimals) && look.is_whole() {
                return Err(Error::Input(format!(
                    "{}: columns {} and {} look like the two halves of numbers with a decimal comma ({}, then {}); write \
                     them with a point or in quotes, or name the column of ratings with `{}`",
                    self.place,
                    rating + 1,
                    rating + 2,
                    look.examples(),
                    next.map_or(String::new(), |next| next.examples()),
                    SETTINGS[2]
                )));
            }
            if look.is_whole() && next.as_ref().is_some_and(Look::is_digits) {
                doubts.push(format!(
                    "{}: columns {} and {} may be the two halves of numbers with a decimal comma; if so, write them with a \
                     point or in quotes",
                    self.place,
                    rating + 1,
                    rating + 2
                ));
            }
            let like = if look.is_ids() {
                Some("ids")
            } else if look.is_degrees() && next.is_some_and(|next| next.is_degrees()) {
                Some("coordinates")
            } else {
                None
            };
            doubts.extend(like.map(|like| {
                format!(
                    "{}: column {} is read as ratings by its position, but looks like {like} ({}); `{}` names another",
                    self.place,
                    rating + 1,
                    look.examples(),
                    SETTINGS[2]
                )
            }));
        }
        Ok(doubts)
    }

    /// The fields of the first row.
    pub(super) fn listed(&self) -> String {
        let names: Vec<String> = self.first.iter().take(30).map(|name| format!("`{}`", show(name))).collect();
        names.join(", ")
    }
}
