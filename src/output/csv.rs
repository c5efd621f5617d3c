//! Tables as comma-separated values: a header, `\n` line ends, quotes only where they are needed.

use super::{Field, Table};
use crate::error::{Error, Result};
use crate::files::Sink;
use csv::{ErrorKind, Writer};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A csv file or stream. Ids are written byte for byte. A number has the fewest digits that give the same `f32`
/// when read back, and never an exponent.
pub struct CsvTable<'a> {
    name: PathBuf,
    writer: Writer<Sink<'a>>,
    digits: Vec<u8>,
}

impl<'a> CsvTable<'a> {
    /// A table that goes to a sink.
    pub fn new(sink: Sink<'a>) -> Self {
        let name = sink.path().to_owned();
        let writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(sink);
        Self { name, writer, digits: Vec::new() }
    }
}

impl Table for CsvTable<'_> {
    fn header(&mut self, names: &[&str]) -> Result<()> {
        self.writer.write_record(names).map_err(|error| failed(&self.name, cause(error)))
    }

    fn row(&mut self, fields: &[Field]) -> Result<()> {
        let mut write = || -> csv::Result<()> {
            for field in fields {
                self.digits.clear();
                match field {
                    Field::Bytes(bytes) => {
                        self.writer.write_field(bytes)?;
                        continue;
                    }
                    Field::Count(count) => write!(self.digits, "{count}")?,
                    Field::Number(number) => write!(self.digits, "{number}")?,
                }
                self.writer.write_field(&self.digits)?;
            }
            self.writer.write_record(None::<&[u8]>)
        };
        write().map_err(|error| failed(&self.name, cause(error)))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        match self.writer.into_inner() {
            Ok(sink) => sink.commit(),
            Err(error) => Err(failed(&self.name, error.into_error())),
        }
    }
}

fn failed(name: &Path, source: io::Error) -> Error {
    Error::write(name)(source)
}

/// What the system said; the csv crate's own conversion hides a closed pipe.
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
