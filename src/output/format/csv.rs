//! Tables as comma-separated values: a header, `\n` line ends, quotes only where they are needed.

use crate::error::{Error, Result};
use crate::files::Sink;
use crate::output::batch::Batch;
use crate::output::blocks::{Blocks, Encoding};
use crate::output::{Column, Field};
use csv::{QuoteStyle, Writer, WriterBuilder};
use std::io::Write;

/// A csv file or stream. Ids are written byte for byte. A number has the fewest digits that give the same
/// `f32` when read back, and never an exponent.
pub struct Csv<'a> {
    sink: Sink<'a>,
    safe: bool,
}

/// A table as csv.
pub type CsvTable<'a> = Blocks<Csv<'a>>;

impl<'a> CsvTable<'a> {
    /// A table that goes to a sink.
    pub fn new(sink: Sink<'a>) -> Self {
        Self::with(Csv { sink, safe: false })
    }

    /// The same table; if `safe` is true, spreadsheets show every text in it and execute none. A text that they
    /// would take for a formula is written in quotes, with an apostrophe before it (OWASP, "CSV Injection").
    #[must_use]
    pub fn safe(self, safe: bool) -> Self {
        self.change(|csv| Csv { safe, ..csv })
    }
}

impl Encoding for Csv<'_> {
    /// Whether texts are made safe.
    type Plan = bool;
    type Part = Vec<u8>;

    const BATCH: usize = 1 << 20;

    fn begin(&mut self, columns: &[Column]) -> Result<bool> {
        self.sink.put(&written(self.safe, |writer| {
            columns.iter().try_for_each(|column| put(writer, column.name, self.safe))?;
            writer.write_record(None::<&[u8]>)
        })?)?;
        Ok(self.safe)
    }

    fn encode(&safe: &bool, batch: &Batch) -> Result<Vec<u8>> {
        let mut digits = Vec::new();
        written(safe, |writer| {
            for row in 0..batch.rows() {
                for field in batch.row(row) {
                    digits.clear();
                    match field {
                        Field::Bytes(bytes) => {
                            put(writer, bytes, safe)?;
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
        self.sink.put(&part)
    }

    fn end(self) -> Result<()> {
        self.sink.commit()
    }
}

/// Writes a text, which the writer puts in quotes where that is needed. If it is to be safe, the writer puts no
/// text in quotes, and it is done here, because a formula is in quotes whether it needs them or not.
fn put(writer: &mut Writer<Vec<u8>>, text: &[u8], safe: bool) -> csv::Result<()> {
    let formula = is_formula(text);
    let needed = || text.iter().any(|byte| b",\"\r\n".contains(byte));
    if !safe || !(formula || needed()) {
        return writer.write_field(text);
    }
    let mut quoted = Vec::with_capacity(text.len() + 3);
    quoted.extend_from_slice(if formula { b"\"'" } else { b"\"" });
    for &byte in text {
        quoted.extend(std::iter::repeat_n(byte, if byte == b'"' { 2 } else { 1 }));
    }
    quoted.push(b'"');
    writer.write_field(quoted)
}

/// Whether a spreadsheet takes a text for a formula, or cuts it into cells so that the rest may be one: by its
/// first character, `=`, `+`, `-`, `@` in ASCII or full width, a tab or a line end.
fn is_formula(text: &[u8]) -> bool {
    match text {
        [b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n', ..] => true,
        text => ["＝", "＋", "－", "＠"].iter().any(|sign| text.starts_with(sign.as_bytes())),
    }
}

/// The bytes that `write` writes to memory, where it cannot fail.
fn written(safe: bool, write: impl FnOnce(&mut Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Vec<u8>> {
    let style = if safe { QuoteStyle::Never } else { QuoteStyle::Necessary };
    let mut writer = WriterBuilder::new().quote_style(style).from_writer(Vec::new());
    let bug = |error: String| Error::Bug(format!("csv: {error}"));
    write(&mut writer).map_err(|error| bug(error.to_string()))?;
    writer.into_inner().map_err(|error| bug(error.to_string()))
}
