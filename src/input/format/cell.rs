//! The cells of tables of columns: what they say as ids, values and times, whatever the format.

use crate::input::rows::Rows;
use crate::input::value::field::show;
use crate::input::value::number::number;
use crate::input::value::time::{moment, unix};
use std::ops::ControlFlow;

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Integer(i64),
    Unsigned(u64),
    Number(f64),
    Text(&'a [u8]),
    /// Milliseconds since 1970.
    Moment(i64),
}

/// Up to this size an `f64` holds every whole number exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Cell<'_> {
    /// A whole number in units of which `ticks` make a millisecond.
    pub(super) fn of_ticks(number: i64, ticks: i64) -> Self {
        Self::Moment(number.div_euclid(ticks))
    }

    /// A number of days.
    pub(super) fn of_days(number: i64) -> Self {
        Self::Moment(number.saturating_mul(86_400_000))
    }

    /// Writes an id: text as it is, integers in digits. The error is what was found.
    fn id(self, text: &mut Vec<u8>) -> Result<(), String> {
        let written = match self {
            Self::Text(bytes) => {
                text.extend_from_slice(bytes);
                !bytes.is_empty()
            }
            Self::Integer(number) => digits(number, text),
            Self::Unsigned(number) => digits(number, text),
            Self::Number(number) if number.fract() == 0.0 && number.abs() <= EXACT => {
                digits(number as i64, text)
            }
            other => return Err(other.shown()),
        };
        if written { Ok(()) } else { Err("an empty text".into()) }
    }

    /// The value of a row; `None` if it stands for no rating. Unless values are needed, a missing one is 0. The
    /// error is what it should be.
    fn rating(self, rows: &mut Rows) -> Result<Option<f32>, &'static str> {
        let needed = rows.needs_values();
        let value = match self {
            Self::Integer(number) => Some(number as f64),
            Self::Unsigned(number) => Some(number as f64),
            Self::Number(number) => Some(number),
            Self::Text(text) if rows.is_missing_text(text) => return Ok(None),
            Self::Text(text) if !needed && text.trim_ascii().is_empty() => Some(0.0),
            Self::Text(text) => number(text),
            Self::Null if rows.is_missing_text(b"") => return Ok(None),
            Self::Null if !needed => Some(0.0),
            Self::Null | Self::Moment(_) => None,
        };
        if value.is_some_and(|value| rows.is_missing(value)) {
            return Ok(None);
        }
        value.ok_or("a finite number").and_then(|value| rows.check(value)).map(Some)
    }

    /// The time in milliseconds since 1970.
    fn time(self) -> Option<i64> {
        match self {
            Self::Moment(time) => Some(time),
            Self::Integer(number) => unix(number as f64),
            Self::Unsigned(number) => unix(number as f64),
            Self::Number(number) => unix(number),
            Self::Text(text) => moment(text),
            Self::Null => None,
        }
    }

    /// For messages.
    pub(super) fn shown(self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Integer(number) | Self::Moment(number) => format!("`{number}`"),
            Self::Unsigned(number) => format!("`{number}`"),
            Self::Number(number) => format!("`{number}`"),
            Self::Text(text) => format!("`{}`", show(text)),
        }
    }
}

/// Writes a number in digits.
fn digits(number: impl itoa::Integer, text: &mut Vec<u8>) -> bool {
    text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    true
}

/// A column whose cells are read one after another.
pub(super) trait Cells {
    /// The next cell.
    fn cell(&mut self) -> Cell<'_>;

    fn name(&self) -> &str;
}

/// The columns that make rows.
pub(super) struct Four<Column> {
    pub(super) user: Column,
    pub(super) item: Column,
    pub(super) rating: Option<Column>,
    pub(super) time: Option<Column>,
}

impl<Column> Four<Column> {
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Column> {
        let Self { user, item, rating, time } = self;
        [Some(user), Some(item), rating.as_mut(), time.as_mut()].into_iter().flatten()
    }
}

/// The texts of the ids of a row.
#[derive(Debug, Default)]
pub(super) struct Ids {
    user: Vec<u8>,
    item: Vec<u8>,
}

/// Reads the next `count` rows; the first is number `line`.
pub(super) fn read<Column: Cells>(
    columns: &mut Four<Column>,
    ids: &mut Ids,
    count: u64,
    line: u64,
    rows: &mut Rows,
) -> ControlFlow<()> {
    let Four { user, item, rating, time } = columns;
    for line in line..line + count {
        ids.user.clear();
        ids.item.clear();
        // Every column advances by a row, whatever the others hold.
        let of_user = user.cell().id(&mut ids.user).map_err(|found| unfit(user, &found, "an id"));
        let of_item = item.cell().id(&mut ids.item).map_err(|found| unfit(item, &found, "an id"));
        let value = match rating {
            None => Ok(Some(rows.of_pair())),
            Some(column) => {
                let cell = column.cell();
                let value = cell.rating(rows).map_err(|expected| (cell.shown(), expected));
                value.map_err(|(found, expected)| unfit(column, &found, expected))
            }
        };
        let moment = time.as_mut().map(|column| {
            let cell = column.cell();
            let found = cell.time().ok_or_else(|| cell.shown());
            let expected = "a date such as 2001-05-01 or seconds since 1970";
            found.or_else(|found| rows.bad_time(line, unfit(column, &found, expected)))
        });
        match (of_user, of_item, value, moment.transpose()) {
            (Ok(()), Ok(()), Ok(None), _) => rows.leave_out()?,
            (Ok(()), Ok(()), Ok(Some(value)), Ok(time)) => {
                rows.add(line, (&ids.user, &ids.item), value, time)?;
            }
            (user, item, value, time) => {
                let why = user.err().or(item.err()).or(value.err()).or(time.err());
                rows.refuse(line, why.unwrap_or_default())?;
            }
        }
    }
    ControlFlow::Continue(())
}

fn unfit(column: &impl Cells, found: &str, expected: &str) -> String {
    format!("found {found} in column `{}`, expected {expected}", show(column.name().as_bytes()))
}
