//! The errors for tables whose columns are not clear.

use super::table::{SETTINGS, Table, WEIGHT_SETTING};
use crate::error::Error;
use crate::input::field::show;

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

    /// The fields of the first row.
    pub(super) fn listed(&self) -> String {
        let names: Vec<String> = self.first.iter().take(30).map(|name| format!("`{}`", show(name))).collect();
        names.join(", ")
    }
}
