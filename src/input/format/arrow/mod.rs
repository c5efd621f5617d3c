//! Apache Arrow, in a file (Feather), a stream or memory: a record batch is a piece, and only the needed columns are
//! read.

mod column;

use self::column::{Column, Kind};
use super::cell::{self, Four, Ids};
use crate::error::{Error, Result};
use crate::files::File;
use crate::guard::guarded;
use crate::input::columns;
use crate::input::layout::Columns;
use crate::input::options::{ReadOptions, TimesWanted, Wanted};
use crate::input::rows::Rows;
use crate::input::value::Reading;
use crate::input::value::field::show;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, Schema};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A larger batch, as tables in memory have, is read in parts of so many rows, which all threads share.
const ROWS: usize = 1 << 17;

/// A table in memory, or one that another program makes while it is read.
pub type TableReader = Box<dyn RecordBatchReader + Send>;

/// A record batch that holds the needed columns, in the order of users, items, ratings and times.
#[derive(Debug)]
pub(in crate::input) struct Batch {
    batch: RecordBatch,
    /// Whether there are ratings, and times.
    has: (bool, bool),
}

/// The record batches of a file of ratings.
pub(in crate::input) struct Batches {
    path: PathBuf,
    reader: Reader,
    columns: Columns,
    told: String,
    reading: Arc<Reading>,
    bytes: u64,
    row: u64,
    batch: u64,
    /// What is left of a large batch.
    rest: Option<RecordBatch>,
}

enum Reader {
    File(FileReader<BufReader<File>>),
    Stream(StreamReader<BufReader<File>>),
    Memory(TableReader),
}

impl Reader {
    fn open(path: &Path) -> Result<Self> {
        let open = || File::open(path).map(BufReader::new).map_err(Error::read(path));
        let (file, stream) = (open()?, open()?);
        match checked(|| FileReader::try_new(file, None)) {
            Ok(reader) => Ok(Self::File(reader)),
            Err(error) => match checked(|| StreamReader::try_new(stream, None)) {
                Ok(reader) => Ok(Self::Stream(reader)),
                Err(_) => Err(damaged(path, "its schema", &error)),
            },
        }
    }

    fn schema(&self) -> Arc<Schema> {
        match self {
            Self::File(reader) => reader.schema(),
            Self::Stream(reader) => reader.schema(),
            Self::Memory(reader) => reader.schema(),
        }
    }

    fn next(&mut self) -> Option<Result<RecordBatch, ArrowError>> {
        match self {
            Self::File(reader) => checked(|| reader.next().transpose()),
            Self::Stream(reader) => checked(|| reader.next().transpose()),
            Self::Memory(reader) => checked(|| reader.next().transpose()),
        }
        .transpose()
    }

    fn batches(&self) -> Option<u64> {
        match self {
            Self::File(reader) => Some(reader.num_batches() as u64),
            Self::Stream(_) | Self::Memory(_) => None,
        }
    }
}

impl Batches {
    /// Finds the columns of a file. Fails if one is missing or has an unsuitable type.
    pub(in crate::input) fn open(path: &Path, options: &ReadOptions, wanted: Wanted) -> Result<Self> {
        let bytes = File::open(path).and_then(|file| file.metadata()).map_err(Error::read(path))?.len();
        Self::of(Reader::open(path)?, bytes, path, options, wanted)
    }

    /// As [`open`](Self::open), for a table in memory; messages call it `name`.
    pub(in crate::input) fn of_table(
        table: TableReader,
        name: &str,
        options: &ReadOptions,
        wanted: Wanted,
    ) -> Result<Self> {
        Self::of(Reader::Memory(table), 0, Path::new(name), options, wanted)
    }

    fn of(reader: Reader, bytes: u64, path: &Path, options: &ReadOptions, wanted: Wanted) -> Result<Self> {
        let schema = reader.schema();
        let fields = schema.fields();
        let names = fields.iter().map(|field| field.name().clone().into_bytes()).collect();
        let kinds: Vec<Option<Kind>> = fields.iter().map(|field| Kind::of(field.data_type())).collect();
        // A row as it may be: numbers where there are some.
        let cell = |kind: &Option<Kind>| if *kind == Some(Kind::Number) { b"0".to_vec() } else { Vec::new() };
        let row = kinds.iter().map(cell).collect();
        let place = path.display().to_string();
        let found = columns::of_names(&names, &[row], options, wanted, &place)?;
        let mut columns = found.columns;
        // A column of something else is none of times where they are optional.
        let of_times = |&at: &usize| kinds[at].is_some_and(|kind| kind != Kind::Flag);
        columns.time = columns.time.filter(|at| wanted.times == TimesWanted::Needed || of_times(at));
        let expect = |at: Option<usize>, what: &str, suits: &[Kind]| {
            let Some(at) = at else { return Ok(()) };
            if kinds[at].is_some_and(|kind| suits.contains(&kind)) {
                return Ok(());
            }
            let (name, found) = (show(fields[at].name().as_bytes()), fields[at].data_type());
            Err(Error::Input(format!("{place}: column `{name}` holds {found}, expected {what}")))
        };
        expect(Some(columns.user), "integers or text", &[Kind::Number, Kind::Text])?;
        expect(Some(columns.item), "integers or text", &[Kind::Number, Kind::Text])?;
        expect(columns.rating, "numbers", &[Kind::Number, Kind::Text, Kind::Flag])?;
        expect(columns.time, "times, dates, numbers or text", &[Kind::Number, Kind::Text, Kind::Time])?;
        Ok(Self {
            path: path.to_owned(),
            reader,
            columns,
            told: found.told,
            reading: Arc::new(found.reading),
            bytes,
            row: 1,
            batch: 0,
            rest: None,
        })
    }

    /// The file, or the name of the table.
    pub(in crate::input) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the columns of users and of items.
    pub(in crate::input) fn ids(&self) -> [String; 2] {
        let schema = self.reader.schema();
        [self.columns.user, self.columns.item].map(|at| schema.field(at).name().clone())
    }

    /// The size of the file in bytes.
    pub(in crate::input) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How its columns became users, items, values and times, in words.
    pub(in crate::input) fn told(&self) -> &str {
        &self.told
    }

    /// How its fields are read.
    pub(in crate::input) fn reading(&self) -> &Arc<Reading> {
        &self.reading
    }

    /// The next record batch with its first row, from 1, and about how many bytes of the file were read by its end.
    pub(in crate::input) fn next(&mut self) -> Result<Option<(Batch, u64, u64)>> {
        let Columns { user, item, rating, time, .. } = self.columns;
        let mut batch = if let Some(rest) = self.rest.take() {
            rest
        } else {
            let Some(batch) = self.reader.next() else { return Ok(None) };
            self.batch += 1;
            let needed: Vec<usize> = [Some(user), Some(item), rating, time].into_iter().flatten().collect();
            let batch = batch.and_then(|batch| batch.project(&needed));
            batch.map_err(|error| damaged(&self.path, &format!("record batch {}", self.batch), &error))?
        };
        if batch.num_rows() > ROWS {
            self.rest = Some(batch.slice(ROWS, batch.num_rows() - ROWS));
            batch = batch.slice(0, ROWS);
        }
        let first = self.row;
        self.row += batch.num_rows() as u64;
        let read = self.reader.batches().map_or(0, |all| self.bytes * self.batch / all.max(1));
        Ok(Some((Batch { batch, has: (rating.is_some(), time.is_some()) }, first, read)))
    }
}

impl Batch {
    /// Reads its rows; the first is number `line`.
    pub(in crate::input) fn parse(&self, line: u64, rows: &mut Rows) -> Result<()> {
        let schema = self.batch.schema();
        let open = |at: usize| Column::of(schema.field(at).name(), self.batch.column(at));
        let (rating, time) = self.has;
        let mut four = Four {
            user: open(0)?,
            item: open(1)?,
            rating: rating.then(|| open(2)).transpose()?,
            time: time.then(|| open(2 + usize::from(rating))).transpose()?,
        };
        let count = self.batch.num_rows() as u64;
        // A row that ends the reading is noted in `rows`.
        let _ = cell::read(&mut four, &mut Ids::default(), count, line, rows);
        Ok(())
    }
}

/// Calls the library, which panics at some kinds of damage; a panic becomes an error.
fn checked<T>(call: impl FnOnce() -> Result<T, ArrowError>) -> Result<T, ArrowError> {
    let nonsense = || Err(ArrowError::IpcError("its numbers do not fit together".into()));
    guarded(call).unwrap_or_else(nonsense)
}

fn damaged(path: &Path, what: &str, error: &ArrowError) -> Error {
    Error::Input(format!("{}: {what} cannot be read: {error}; write the file again", path.display()))
}
