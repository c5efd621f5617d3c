//! Finds the columns of users, items, values and times: from the settings, else by the names of the header, else
//! by position. Without a column of values, rows are pairs. What is found is told in words; columns that were found
//! by position are questioned by what they hold.

mod faults;
mod look;
pub(super) mod names;
mod table;
mod told;

use self::table::{TIME_SETTING, Table, complete};
use self::told::Why;
use super::layout::{Columns, Row};
use super::options::{ReadOptions, TimesWanted, Wanted};
use super::value::Reading;
use super::value::missing::Missing;
use super::value::spelling::{Guess, Spelling};
use super::value::time::TimeForm;
use crate::error::Result;
use crate::ratings::Feedback;

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) columns: Columns,
    /// Whether the first row is a header.
    pub(super) header: bool,
    pub(super) reading: Reading,
    /// Which columns became what and why, in words.
    pub(super) told: String,
    /// What makes it doubtful that these are the columns.
    pub(super) doubts: Vec<String>,
}

/// The columns of a file that names them, and rows as they may be. `place` is the file, for errors.
pub(super) fn of_names(
    names: &Row,
    rows: &[Row],
    options: &ReadOptions,
    wanted: Wanted,
    place: &str,
) -> Result<Found> {
    find(names, rows, true, options, wanted, place)
}

/// Finds the columns from the first rows, and whether the first is a header. `place` is its `file:line`.
pub(super) fn resolve(
    first: &Row,
    below: &[Row],
    options: &ReadOptions,
    wanted: Wanted,
    place: &str,
) -> Result<Found> {
    find(first, below, false, options, wanted, place)
}

/// Whether names tell users and items apart.
pub(super) fn are_known(names: &Row) -> bool {
    let (said, place) = (None, "");
    complete(
        Table { first: names, below: &[], needs_values: true, said, place, time: None }.by_name([None; 3]),
    )
}

/// As [`resolve`]; if `sure`, the first row is a header.
fn find(
    first: &Row,
    below: &[Row],
    sure: bool,
    options: &ReadOptions,
    wanted: Wanted,
    place: &str,
) -> Result<Found> {
    let said = options.feedback();
    let mut table = Table { first, below, needs_values: wanted.ratings, said, place, time: None };
    let time_named = options.time_column.as_ref();
    table.time = match time_named.map(|asked| table.named(TIME_SETTING, asked)).transpose() {
        Err(error) if wanted.times == TimesWanted::Needed => return Err(error),
        // If times are not needed, the file need not have any.
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
    let time_given = time_named.filter(|_| table.time.is_some());
    let named = sure || settings.into_iter().flatten().chain(time_given).any(is_name);
    let known = table.by_name(at);
    let numbered = !named && table.has_numbered_names();
    let header = named || numbered || table.has_header(at, known)?;
    let (mut placed, mut late) = (false, None);
    let roles = if header && !numbered {
        match table.only_left(known) {
            Some(roles) => roles,
            None if named || complete(known) => known,
            None => return Err(table.unclear(known)),
        }
    } else {
        placed = true;
        let found = table.by_position(at, header)?;
        late = found.time;
        found.roles
    };
    let mut columns = table.columns(roles)?;
    columns.time = table.time.or_else(|| table.guess_time(roles, (header, numbered), late));
    let rows = || if header { below.iter().chain(None) } else { below.iter().chain(Some(first)) };
    let field = move |column: usize| rows().filter_map(move |row| row.get(column)).map(Vec::as_slice);
    let feedback = table.feedback(columns.rating, header && !numbered);
    let spelling = match columns.rating.filter(|_| wanted.ratings || feedback != Feedback::Pairs) {
        None => Spelling::default(),
        Some(column) => match Spelling::guess(&field(column), options.decimal, options.thousands) {
            Guess::Is(spelling) => spelling,
            Guess::Either(value) => return Err(table.ambiguous(column, &value)),
        },
    };
    let times = columns.time.map(|column| TimeForm::of(&field(column))).unwrap_or_default();
    let reading = Reading { feedback, spelling, missing: Missing::of(&options.missing), times };
    let why = |role: usize| match at[role] {
        Some(_) => Why::Setting,
        None if placed => Why::Position,
        None if known[role].is_some() => Why::Name,
        None => Why::OnlyLeft,
    };
    let of_time = if table.time.is_some() {
        Why::Setting
    } else if placed {
        Why::Position
    } else {
        Why::Name
    };
    let told = told::tell(&columns, header.then_some(first), [why(0), why(1), why(2), of_time], feedback);
    let asked = [at[0].is_some(), at[1].is_some(), at[2].is_some()];
    let mut doubts = if placed { table.doubts(&columns, header, asked)? } else { Vec::new() };
    if let Some(column) =
        columns.rating.filter(|_| options.decimal.is_none() && spelling == Spelling::default())
    {
        doubts.extend(Spelling::doubtful(field(column)).map(|value| table.pointed(column, &value)));
    }
    if wanted.times == TimesWanted::No {
        columns.time = None;
    }
    Ok(Found { columns, header, reading, told, doubts })
}
