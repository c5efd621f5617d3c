//! Tables as comma-separated values: a header, `\n` line ends, quotes only where they are needed.

use super::{Field, Table};
use crate::error::{Error, Result};
use crate::files::Sink;
use csv::{ByteRecord, Writer};
use std::io::{self, Write};
use std::path::PathBuf;

/// A csv file or stream. Ids are written byte for byte. A number has the fewest digits that give the same `f32`
/// when read back, and never an exponent.
pub struct CsvTable<'a> {
    name: PathBuf,
    writer: Writer<Sink<'a>>,
    record: ByteRecord,
    digits: Vec<u8>,
}

impl<'a> CsvTable<'a> {
    /// A table that goes to a sink.
    pub fn new(sink: Sink<'a>) -> Self {
        let name = sink.path().to_owned();
        let writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(sink);
        Self { name, writer, record: ByteRecord::new(), digits: Vec::new() }
    }

    fn write(&mut self) -> Result<()> {
        self.writer.write_byte_record(&self.record).map_err(|error| failed(&self.name, error.into()))
    }
}

impl Table for CsvTable<'_> {
    fn header(&mut self, names: &[&str]) -> Result<()> {
        self.record.clear();
        names.iter().for_each(|name| self.record.push_field(name.as_bytes()));
        self.write()
    }

    fn row(&mut self, fields: &[Field]) -> Result<()> {
        self.record.clear();
        for field in fields {
            self.digits.clear();
            match field {
                Field::Bytes(bytes) => self.digits.extend_from_slice(bytes),
                Field::Count(count) => write!(self.digits, "{count}").map_err(|e| failed(&self.name, e))?,
                Field::Number(number) => {
                    write!(self.digits, "{number}").map_err(|e| failed(&self.name, e))?
                }
            }
            self.record.push_field(&self.digits);
        }
        self.write()
    }

    fn finish(self: Box<Self>) -> Result<()> {
        match self.writer.into_inner() {
            Ok(sink) => sink.commit(),
            Err(error) => Err(failed(&self.name, error.into_error())),
        }
    }
}

fn failed(name: &PathBuf, source: io::Error) -> Error {
    Error::write(name)(source)
}
