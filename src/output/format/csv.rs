//! Tables as comma-separated values: a header, `\n` line ends, quotes only where they are needed.

use crate::error::{Error, Result};
use crate::files::Sink;
use crate::output::batch::Batch;
use crate::output::blocks::{Blocks, Encoding};
use crate::output::{Column, Field};
use csv::Writer;
use std::io::Write;

/// A csv file or stream. Ids are written byte for byte. A number has the fewest digits that give the same
/// `f32` when read back, and never an exponent.
pub struct Csv<'a>(Sink<'a>);

/// A table as csv.
pub type CsvTable<'a> = Blocks<Csv<'a>>;

impl<'a> CsvTable<'a> {
    /// A table that goes to a sink.
    pub fn new(sink: Sink<'a>) -> Self {
        Self::with(Csv(sink))
    }
}

impl Encoding for Csv<'_> {
    type Plan = ();
    type Part = Vec<u8>;

    const BATCH: usize = 1 << 20;

    fn begin(&mut self, columns: &[Column]) -> Result<()> {
        self.0.put(&written(|writer| writer.write_record(columns.iter().map(|column| column.name)))?)
    }

    fn encode((): &(), batch: &Batch) -> Result<Vec<u8>> {
        let mut digits = Vec::new();
        written(|writer| {
            for row in 0..batch.rows() {
                for field in batch.row(row) {
                    digits.clear();
                    match field {
                        Field::Bytes(bytes) => {
                            writer.write_field(bytes)?;
                            continue;
                        }
                        Field::Count(count) => write!(digits, "{count}")?,
                        Field::Number(number) => write!(digits, "{number}")?,
                        Field::Double(number) => write!(digits, "{number}")?,
                        Field::Flag(flag) => write!(digits, "{}", u8::from(flag))?,
                        Field::Missing => {}
                    }
                    writer.write_field(&digits)?;
                }
                writer.write_record(None::<&[u8]>)?;
            }
            Ok(())
        })
    }

    fn append(&mut self, part: Vec<u8>) -> Result<()> {
        self.0.put(&part)
    }

    fn end(self) -> Result<()> {
        self.0.commit()
    }
}

/// The bytes that `write` writes to memory, where it cannot fail.
fn written(write: impl FnOnce(&mut Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Vec<u8>> {
    let mut writer = Writer::from_writer(Vec::new());
    let bug = |error: String| Error::Bug(format!("csv: {error}"));
    write(&mut writer).map_err(|error| bug(error.to_string()))?;
    writer.into_inner().map_err(|error| bug(error.to_string()))
}
