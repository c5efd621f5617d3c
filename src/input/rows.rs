//! The rows of one piece. Ids have the numbers of the piece's dictionaries, because pieces are read in
//! parallel and know nothing of each other.

use super::field::show;
use super::known::Known;
use super::number;
use super::options::{BadRows, Wanted};
use super::time::moment;
use crate::ratings::{Feedback, Ratings, is_rating};
use std::ops::ControlFlow;

/// The rows that were read from a piece.
#[derive(Debug)]
pub(super) struct Rows {
    wanted: Wanted,
    /// What the values of the file stand for.
    feedback: Feedback,
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
    pub(super) fn new((wanted, feedback): (Wanted, Feedback), known: Known, capacity: usize) -> Self {
        Self {
            wanted,
            feedback,
            known,
            ratings: Ratings::with_capacity(capacity),
            times: Vec::new(),
            anchors: Vec::new(),
            next_line: 0,
            skipped: 0,
            first_bad: None,
        }
    }

    /// Whether a row without a value is bad.
    pub(super) fn needs_values(&self) -> bool {
        self.wanted.ratings && self.feedback != Feedback::Pairs
    }

    /// The value of a row of pairs.
    pub(super) fn of_pair(&self) -> f32 {
        f32::from(u8::from(self.wanted.ratings))
    }

    /// Checks a finite value. The error is what it should be.
    pub(super) fn check(&self, value: f32) -> Result<f32, &'static str> {
        if !is_rating(value) {
            return Err("a number from -1e30 to 1e30");
        }
        if value < 0.0 && self.feedback == Feedback::Weights {
            return Err("a weight from 0");
        }
        Ok(value)
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
            Some(field) if self.feedback != Feedback::Pairs => match self.value(field) {
                Ok(value) => value,
                Err(why) => return self.refuse(line, why),
            },
            _ => self.of_pair(),
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

    /// The value that a field spells.
    fn value(&self, field: &[u8]) -> Result<f32, String> {
        let found = match number::rating(field) {
            None if !self.wanted.ratings && field.trim_ascii().is_empty() => return Ok(0.0),
            None => Err("a finite number"),
            Some(value) => self.check(value),
        };
        found.map_err(|expected| {
            let what = if self.feedback == Feedback::Weights { "weight" } else { "rating" };
            format!("found {what} `{}`, expected {expected}", show(field))
        })
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
