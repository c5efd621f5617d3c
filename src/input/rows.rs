//! The rows of one piece. Ids have the numbers of the piece's dictionaries, because pieces are read in
//! parallel and know nothing of each other.

use super::field::show;
use super::known::Known;
use super::number;
use super::options::{BadRows, Wanted};
use super::time::moment;
use crate::ratings::Ratings;
use std::ops::ControlFlow;

/// The rows that were read from a piece.
#[derive(Debug)]
pub(super) struct Rows {
    wanted: Wanted,
    known: Known,
    pub(super) ratings: Ratings,
    /// The time of each rating; empty if the file has none.
    pub(super) times: Vec<i64>,
    /// Row and line of each rating whose line does not follow that of the rating before.
    pub(super) anchors: Vec<(u32, u64)>,
    next_line: u64,
    pub(super) skipped: u64,
    /// Line and text of the first row that cannot be read.
    pub(super) first_bad: Option<(u64, String)>,
}

impl Rows {
    /// No rows yet, with capacity for `capacity` of them.
    pub(super) fn new(wanted: Wanted, known: Known, capacity: usize) -> Self {
        Self {
            wanted,
            known,
            ratings: Ratings::with_capacity(capacity),
            times: Vec::new(),
            anchors: Vec::new(),
            next_line: 0,
            skipped: 0,
            first_bad: None,
        }
    }

    pub(super) fn needs_ratings(&self) -> bool {
        self.wanted.ratings
    }

    pub(super) fn wants_times(&self) -> bool {
        self.wanted.times
    }

    /// Adds a row if its fields are valid.
    pub(super) fn accept(
        &mut self,
        line: u64,
        user: &[u8],
        item: &[u8],
        rating: Option<&[u8]>,
        time: Option<&[u8]>,
    ) -> ControlFlow<()> {
        let value = match rating {
            None => 0.0,
            Some(field) => match number::rating(field) {
                Some(value) => value,
                None if !self.wanted.ratings && field.trim_ascii().is_empty() => 0.0,
                None => {
                    return self
                        .refuse(line, format!("found rating `{}`, expected a finite number", show(field)));
                }
            },
        };
        if user.is_empty() || item.is_empty() {
            let side = if user.is_empty() { "user" } else { "item" };
            return self.refuse(line, format!("found an empty {side} id, expected an id"));
        }
        let time = match time {
            None => None,
            Some(field) => {
                let Some(time) = moment(field) else {
                    let what = "expected a date such as 2001-05-01 or seconds since 1970";
                    return self.refuse(line, format!("found time `{}`, {what}", show(field)));
                };
                Some(time)
            }
        };
        self.add(line, (user, item), value, time)
    }

    /// Adds a row whose fields are parsed.
    pub(super) fn add(
        &mut self,
        line: u64,
        (user, item): (&[u8], &[u8]),
        value: f32,
        time: Option<i64>,
    ) -> ControlFlow<()> {
        self.times.extend(time);
        if self.wanted.lines && line != self.next_line {
            self.anchors.push((self.ratings.values.len() as u32, line));
        }
        self.next_line = line + 1;
        self.known.users.add(user, &mut self.ratings.users);
        self.known.items.add(item, &mut self.ratings.items);
        self.ratings.values.push(value);
        ControlFlow::Continue(())
    }

    /// Must be called after the last row. Returns the dictionaries, for another piece.
    pub(super) fn end(&mut self) -> Known {
        self.known.users.catch_up(&mut self.ratings.users);
        self.known.items.catch_up(&mut self.ratings.items);
        std::mem::take(&mut self.known)
    }

    /// Leaves a row out; ends the reading if bad rows are errors.
    pub(super) fn refuse(&mut self, line: u64, why: String) -> ControlFlow<()> {
        self.skipped += 1;
        self.first_bad.get_or_insert((line, why));
        match self.wanted.bad_rows {
            BadRows::Error => ControlFlow::Break(()),
            BadRows::Skip => ControlFlow::Continue(()),
        }
    }
}
