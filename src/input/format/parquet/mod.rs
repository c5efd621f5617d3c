//! Parquet: a row group is a piece, and only the needed columns are read.

mod column;
mod fault;
mod kind;
mod pages;
mod table;
mod thrift;

pub(in crate::input) use table::as_text;

use self::column::BATCH;
use self::kind::Kind;
use self::table::Table;
use super::cell::{self, Four, Ids};
use crate::error::{Error, Result};
use crate::input::columns;
use crate::input::layout::Columns;
use crate::input::options::{ReadOptions, TimesWanted, Wanted};
use crate::input::rows::Rows;
use crate::input::value::Reading;
use crate::input::value::field::show;
use std::path::Path;
use std::sync::Arc;

/// A row group of a file, and which of its columns are read.
#[derive(Debug)]
pub(in crate::input) struct Group {
    table: Arc<Table>,
    number: usize,
    columns: Columns,
}

/// The row groups of a file of ratings.
#[derive(Debug)]
pub(in crate::input) struct Groups {
    table: Arc<Table>,
    columns: Columns,
    /// How the columns became users, items, values and times, in words.
    told: String,
    reading: Arc<Reading>,
    bytes: u64,
}

impl Groups {
    /// Finds the columns of a file. Fails if one is missing or has an unsuitable type.
    pub(in crate::input) fn open(path: &Path, options: &ReadOptions, wanted: Wanted) -> Result<Self> {
        let (table, bytes) = Table::open(path)?;
        let names = (0..table.width()).map(|leaf| table.name(leaf).into_bytes()).collect();
        // A row as it may be: numbers where there are some.
        let is_number = |leaf| table.kind(leaf).is_ok_and(Kind::is_number);
        let row = (0..table.width()).map(|leaf| if is_number(leaf) { b"0".to_vec() } else { Vec::new() });
        let place = path.display().to_string();
        let found = columns::of_names(&names, &[row.collect()], options, wanted, &place)?;
        let mut columns = found.columns;
        // A column of something else is none of times where they are optional.
        let of_times = |&leaf: &usize| table.kind(leaf).is_ok_and(Kind::is_time);
        columns.time = columns.time.filter(|leaf| wanted.times == TimesWanted::Needed || of_times(leaf));
        let expect = |leaf: Option<usize>, what: &str, suits: fn(Kind) -> bool| {
            let Some(leaf) = leaf else { return Ok(()) };
            let found = table.kind(leaf).and_then(|kind| if suits(kind) { Ok(()) } else { Err(kind.name()) });
            found.map_err(|found| {
                let name = show(table.name(leaf).as_bytes());
                Error::Input(format!("{}: column `{name}` holds {found}, expected {what}", path.display()))
            })
        };
        expect(Some(columns.user), "integers or text", Kind::is_id)?;
        expect(Some(columns.item), "integers or text", Kind::is_id)?;
        expect(columns.rating, "numbers", Kind::is_rating)?;
        expect(columns.time, "times, dates, numbers or text", Kind::is_time)?;
        Ok(Self {
            table: Arc::new(table),
            columns,
            told: found.told,
            reading: Arc::new(found.reading),
            bytes,
        })
    }

    /// The size of the file in bytes.
    pub(in crate::input) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many rows there are.
    pub(in crate::input) fn rows(&self) -> u64 {
        (0..self.table.groups()).map(|number| self.table.rows(number)).fold(0, u64::saturating_add)
    }

    /// How its columns became users, items, values and times, in words.
    pub(in crate::input) fn told(&self) -> &str {
        &self.told
    }

    /// How its fields are read.
    pub(in crate::input) fn reading(&self) -> &Arc<Reading> {
        &self.reading
    }

    /// Each row group with its first row, from 1, and the number of bytes of the file up to its end.
    pub(in crate::input) fn iter(&self) -> impl Iterator<Item = (Group, u64, u64)> {
        let (mut row, mut bytes) = (1, 0_u64);
        (0..self.table.groups()).map(move |number| {
            let first = row;
            row += self.table.rows(number);
            bytes = bytes.saturating_add(self.table.bytes(number));
            let group = Group { table: Arc::clone(&self.table), number, columns: self.columns };
            (group, first, bytes.min(self.bytes))
        })
    }
}

impl Group {
    /// Reads its rows; the first is number `line`. Fails if the file is damaged.
    pub(in crate::input) fn parse(&self, mut line: u64, rows: &mut Rows) -> Result<()> {
        let Self { columns, .. } = *self;
        let open = |leaf| self.table.column(self.number, leaf);
        let mut four = Four {
            user: open(columns.user)?,
            item: open(columns.item)?,
            rating: columns.rating.map(open).transpose()?,
            time: columns.time.map(open).transpose()?,
        };
        let mut ids = Ids::default();
        let mut left = self.table.rows(self.number);
        while left > 0 {
            let count = left.min(BATCH);
            four.iter_mut().try_for_each(|column| column.fill(count as usize))?;
            if cell::read(&mut four, &mut ids, count, line, rows).is_break() {
                break;
            }
            left -= count;
            line += count;
        }
        Ok(())
    }
}
