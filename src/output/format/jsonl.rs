//! Tables as lines of JSON: an object a row, its keys the columns' names, in their order.

use crate::error::{Error, Result};
use crate::files::Sink;
use crate::output::batch::{Batch, text};
use crate::output::blocks::{Blocks, Encoding};
use crate::output::{Column, Field};
use std::io::Write;

/// A file or stream of JSON lines. Ids are strings, also if they look like numbers. Numbers have the fewest
/// digits that give the same `f32` when read back; those that are not counts have a point or an exponent.
pub struct Jsonl<'a>(Sink<'a>);

/// A table as JSON lines.
pub type JsonlTable<'a> = Blocks<Jsonl<'a>>;

impl<'a> JsonlTable<'a> {
    /// A table that goes to a sink.
    pub fn new(sink: Sink<'a>) -> Self {
        Self::with(Jsonl(sink))
    }
}

impl Encoding for Jsonl<'_> {
    /// The text before each cell of a row: a brace or a comma, and the key.
    type Plan = Vec<Vec<u8>>;
    type Part = Vec<u8>;

    const BATCH: usize = 1 << 20;

    fn begin(&mut self, columns: &[Column]) -> Result<Self::Plan> {
        let key = |(at, column): (usize, &Column)| {
            let mut key = vec![if at == 0 { b'{' } else { b',' }];
            string(&mut key, column.name)?;
            key.push(b':');
            Ok(key)
        };
        columns.iter().enumerate().map(key).collect()
    }

    fn encode(keys: &Self::Plan, batch: &Batch) -> Result<Vec<u8>> {
        let mut lines = Vec::with_capacity(2 * batch.bytes());
        for row in 0..batch.rows() {
            for (key, field) in keys.iter().zip(batch.row(row)) {
                lines.extend_from_slice(key);
                value(&mut lines, field)?;
            }
            lines.extend_from_slice(b"}\n");
        }
        Ok(lines)
    }

    fn append(&mut self, part: Vec<u8>) -> Result<()> {
        self.0.put(&part)
    }

    fn end(self) -> Result<()> {
        self.0.commit()
    }
}

fn value(line: &mut Vec<u8>, field: Field) -> Result<()> {
    let written = match field {
        Field::Bytes(bytes) => return string(line, bytes),
        Field::Count(count) => write!(line, "{count}"),
        Field::Number(number) => write!(line, "{number:?}"),
        Field::Double(number) => write!(line, "{number:?}"),
        Field::Flag(flag) => write!(line, "{flag}"),
        Field::Missing => write!(line, "null"),
    };
    written.map_err(|error| Error::Bug(error.to_string()))
}

/// Appends a string in quotes, escaped as JSON requires.
fn string(line: &mut Vec<u8>, bytes: &[u8]) -> Result<()> {
    let text = text(bytes, "JSON").map_err(Error::Usage)?;
    serde_json::to_writer(line, text).map_err(|error| Error::Bug(error.to_string()))
}
