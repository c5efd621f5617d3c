//! Finds the columns of users, items, values and times: from the settings, else by the names of the header,
//! else by position. Without a column of values, rows are pairs.

mod faults;
mod table;

use self::table::{TIME_SETTING, Table, complete};
use super::layout::Columns;
use super::options::{ReadOptions, Wanted};
use crate::error::Result;
use crate::ratings::Feedback;

/// A row of a file, as its fields.
pub(super) type Row = Vec<Vec<u8>>;

/// The columns of a file that names them, and a row as it may be. `place` is the file, for errors.
#[cfg(feature = "parquet")]
pub(super) fn of_names(
    (names, row): (&Row, &Row),
    options: &ReadOptions,
    wanted: Wanted,
    place: &str,
) -> Result<Columns> {
    Ok(find((names, Some(row)), true, options, wanted, place)?.0)
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
    let said = options.feedback();
    let mut table = Table {
        first,
        second: second.map(Vec::as_slice),
        needs_values: wanted.ratings,
        said,
        place,
        time: None,
    };
    let time_named = options.time_column.as_ref();
    table.time = match time_named.map(|asked| table.named(TIME_SETTING, asked)).transpose() {
        Err(error) if wanted.times => return Err(error),
        // If times are not wanted, the file need not have any.
        found => found.unwrap_or_default(),
    };
    let value = options.rating_column.as_ref().filter(|_| said != Some(Feedback::Pairs));
    let value = value.or(options.weight_column.as_ref());
    let settings = [options.user_column.as_ref(), options.item_column.as_ref(), value];
    let mut at = [None; 3];
    for ((asked, setting), at) in settings.iter().zip(table.settings()).zip(&mut at) {
        *at = asked.map(|asked| table.named(setting, asked)).transpose()?;
    }
    let is_name = |asked: &String| asked.parse::<usize>().is_err();
    let time_named = time_named.filter(|_| table.time.is_some());
    let named = sure || settings.into_iter().flatten().chain(time_named).any(is_name);
    let known = table.by_name(at);
    let header = named || table.has_header(at, known)?;
    let found = if header && (named || complete(known)) {
        known
    } else if header && known != at {
        return Err(table.unclear(known));
    } else {
        table.by_position(at)
    };
    let mut columns = table.columns(found, header)?;
    if wanted.times {
        columns.time = table.time.or_else(|| table.guess_time(found, header));
    }
    Ok((columns, header))
}
