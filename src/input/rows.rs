//! The rows of one piece. Ids have the numbers of the piece's dictionaries, because pieces are read in
//! parallel and know nothing of each other.

use super::ids::known::Known;
use super::options::{BadRows, TimesWanted, Wanted};
use super::value::Reading;
use super::value::field::show;
use super::value::spelling::is_separated;
use super::value::time::moment_in;
use crate::ratings::{Feedback, Ratings, is_rating};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The rows that were read from a piece.
#[derive(Debug)]
pub(super) struct Rows {
    wanted: Wanted,
    reading: Arc<Reading>,
    known: Known,
    pub(super) ratings: Ratings,
    /// The time of each rating; empty if the file has none.
    pub(super) times: Vec<i64>,
    /// Row and line of each rating whose line does not follow that of the rating before.
    pub(super) anchors: Vec<(u32, u64)>,
    next_line: u64,
    pub(super) skipped: u64,
    /// Rows whose value stands for no rating.
    pub(super) missing: u64,
    /// Line and text of the first row that cannot be read, or of the one that ends the reading.
    pub(super) first_bad: Option<(u64, String)>,
    /// Whether that row ends the reading even where bad rows are skipped.
    pub(super) fatal: bool,
    /// The first time that cannot be read where times are optional.
    pub(super) bad_time: Option<(u64, String)>,
    /// How far a value is from the number of 32 bits that stands for it, at most.
    pub(super) rounded: f64,
}

/// What a field of values says.
enum Value {
    Is(f32),
    /// No rating.
    Missing,
    Bad {
        why: String,
        fatal: bool,
    },
}

impl Rows {
    /// No rows yet, with capacity for `capacity` of them.
    pub(super) fn new(wanted: Wanted, reading: Arc<Reading>, known: Known, capacity: usize) -> Self {
        Self {
            wanted,
            reading,
            known,
            ratings: Ratings::with_capacity(capacity),
            times: Vec::new(),
            anchors: Vec::new(),
            next_line: 0,
            skipped: 0,
            missing: 0,
            first_bad: None,
            fatal: false,
            bad_time: None,
            rounded: 0.0,
        }
    }

    /// Whether a row without a value is bad.
    pub(super) fn needs_values(&self) -> bool {
        self.wanted.ratings && self.reading.feedback != Feedback::Pairs
    }

    /// The value of a row of pairs.
    pub(super) fn of_pair(&self) -> f32 {
        f32::from(u8::from(self.wanted.ratings))
    }

    /// The nearest number of 32 bits to a value. The error is what it should be.
    pub(super) fn check(&mut self, value: f64) -> Result<f32, &'static str> {
        let near = value as f32;
        if !near.is_finite() {
            return Err("a finite number");
        }
        if !is_rating(near) {
            return Err("a number from -1e30 to 1e30");
        }
        if near < 0.0 && self.reading.feedback == Feedback::Weights {
            return Err("a weight from 0");
        }
        self.rounded = self.rounded.max((value - f64::from(near)).abs());
        Ok(near)
    }

    /// Whether a number stands for no rating.
    pub(super) fn is_missing(&self, value: f64) -> bool {
        self.wanted.ratings && self.reading.missing.has(value)
    }

    /// Whether a field that spells no number does.
    pub(super) fn is_missing_text(&self, field: &[u8]) -> bool {
        self.wanted.ratings && self.reading.missing.has_text(field)
    }

    /// Leaves out a row without a rating.
    pub(super) fn leave_out(&mut self) -> ControlFlow<()> {
        self.missing += 1;
        ControlFlow::Continue(())
    }

    pub(super) fn wants_times(&self) -> bool {
        self.wanted.times != TimesWanted::No
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
            Some(field) if self.reading.feedback != Feedback::Pairs => match self.value(field) {
                Value::Is(value) => value,
                Value::Missing => return self.leave_out(),
                Value::Bad { why, fatal } => {
                    return if fatal { self.refuse_all(line, why) } else { self.refuse(line, why) };
                }
            },
            _ => self.of_pair(),
        };
        if user.is_empty() || item.is_empty() {
            let side = if user.is_empty() { "user" } else { "item" };
            return self.refuse(line, format!("found an empty {side} id, expected an id"));
        }
        let time = match time.map(|field| (field, moment_in(field, self.reading.times))) {
            None => None,
            Some((_, Some(time))) => Some(time),
            Some((field, None)) => {
                let what = "expected a date such as 2001-05-01 or seconds since 1970";
                let slashes = if field.contains(&b'/') && self.reading.times.day_first.is_none() {
                    "; where the day or the month may come first, a date of the first rows must show it"
                } else {
                    ""
                };
                match self.bad_time(line, format!("found time `{}`, {what}{slashes}", show(field))) {
                    Ok(time) => Some(time),
                    Err(why) => return self.refuse(line, why),
                }
            }
        };
        self.add(line, (user, item), value, time)
    }

    /// A time that cannot be read: 0 where times are optional, an error where they are needed.
    pub(super) fn bad_time(&mut self, line: u64, why: String) -> Result<i64, String> {
        if self.wanted.times == TimesWanted::Needed {
            return Err(why);
        }
        self.bad_time.get_or_insert((line, why));
        Ok(0)
    }

    /// The value that a field spells.
    fn value(&mut self, field: &[u8]) -> Value {
        // Most ratings.
        if let [digit @ b'0'..=b'9'] = field
            && self.reading.missing.is_empty()
        {
            return Value::Is(f32::from(digit - b'0'));
        }
        let number = self.reading.spelling.read(field);
        let found = match number {
            Some(number) if self.is_missing(number) => return Value::Missing,
            None if self.is_missing_text(field) => return Value::Missing,
            None if !self.wanted.ratings && field.trim_ascii().is_empty() => return Value::Is(0.0),
            None => Err("a finite number"),
            Some(number) => self.check(number),
        };
        let expected = match found {
            Ok(value) => return Value::Is(value),
            Err(expected) => expected,
        };
        let what = if self.reading.feedback == Feedback::Weights { "weight" } else { "rating" };
        let fatal = number.is_none() && is_separated(field);
        let advice = if fatal {
            "; `input.decimal` and `input.thousands` name the separators of numbers"
        } else if number.is_none_or(f64::is_nan) {
            "; `input.missing` names values that stand for no rating"
        } else {
            ""
        };
        Value::Bad { why: format!("found {what} `{}`, expected {expected}{advice}", show(field)), fatal }
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

    /// As [`refuse`](Self::refuse), for what is never skipped, since more than this row would be lost.
    pub(super) fn refuse_all(&mut self, line: u64, why: String) -> ControlFlow<()> {
        self.skipped += 1;
        self.first_bad = Some((line, why));
        self.fatal = true;
        ControlFlow::Break(())
    }

    /// Leaves a row out; ends the reading if bad rows are errors.
    pub(super) fn refuse(&mut self, line: u64, why: String) -> ControlFlow<()> {
        self.skipped += 1;
        self.first_bad.get_or_insert((line, why));
        match self.wanted.bad_rows {
            BadRows::Skip => ControlFlow::Continue(()),
            BadRows::Error => ControlFlow::Break(()),
        }
    }
}
