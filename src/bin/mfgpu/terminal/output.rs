//! Opens outputs. A pipe or a file gets every byte as it is; a terminal gets text.

use super::clean::{Cleaning, clean};
use mfgpu::files::Sink;
use mfgpu::output::{Column, Field, Table, TableFormat, TableOptions};
use mfgpu::{Error, Result, Stop};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

/// Bytes that are gathered before a write.
const BUFFER: usize = 1 << 16;

/// As [`Sink::open`]; what a terminal gets is cleaned.
pub(crate) fn sink(path: &Path) -> Result<Sink<'static>> {
    match screen(path)? {
        Some(screen) => Ok(cleaning(path, screen)),
        None => Sink::open(path),
    }
}

/// As [`TableFormat::open`]; what a terminal gets is cleaned, and in csv a row stays one line.
pub(crate) fn table(
    format: TableFormat,
    path: &Path,
    options: TableOptions,
    stop: &Stop,
) -> Result<Box<dyn Table>> {
    let Some(screen) = screen(path)? else { return format.open(path, options, stop) };
    let table = format.table(cleaning(path, screen).until(stop), options)?;
    Ok(if format == TableFormat::Csv { Box::new(Shown(table)) } else { table })
}

fn cleaning(path: &Path, screen: Box<dyn Write + Send>) -> Sink<'static> {
    let name = if path == Path::new("-") { Path::new("standard output") } else { path };
    Sink::stream(name, BufWriter::with_capacity(BUFFER, Cleaning::new(screen)))
}

/// The terminal that a path stands for: `-` if standard output is one, or a device such as `/dev/tty`.
fn screen(path: &Path) -> Result<Option<Box<dyn Write + Send>>> {
    if path == Path::new("-") {
        let stdout = std::io::stdout();
        return Ok(if stdout.is_terminal() { Some(Box::new(stdout)) } else { None });
    }
    if !is_device(path) {
        return Ok(None);
    }
    let device = File::options().write(true).open(path).map_err(Error::write(path))?;
    Ok(if device.is_terminal() { Some(Box::new(device)) } else { None })
}

#[cfg(unix)]
fn is_device(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path.metadata().is_ok_and(|found| found.file_type().is_char_device())
}

#[cfg(not(unix))]
fn is_device(_: &Path) -> bool {
    false
}

/// A table whose texts are cleaned, line ends included.
struct Shown<'a>(Box<dyn Table + 'a>);

/// Bytes that are no UTF-8 are left to the sink.
fn shown(bytes: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(bytes).map(clean) {
        Ok(Cow::Owned(text)) => text.into_bytes().into(),
        Ok(Cow::Borrowed(_)) => bytes.into(),
        Err(_) => bytes
            .utf8_chunks()
            .flat_map(|chunk| [clean(chunk.valid()).as_bytes(), chunk.invalid()].concat())
            .collect(),
    }
}

impl Table for Shown<'_> {
    fn header(&mut self, columns: &[Column]) -> Result<()> {
        let names: Vec<Cow<[u8]>> = columns.iter().map(|column| shown(column.name)).collect();
        let columns: Vec<Column> =
            columns.iter().zip(&names).map(|(column, name)| Column { name, ..*column }).collect();
        self.0.header(&columns)
    }

    fn row(&mut self, fields: &[Field]) -> Result<()> {
        let texts: Vec<Cow<[u8]>> = fields
            .iter()
            .map(|field| if let Field::Bytes(bytes) = field { shown(bytes) } else { Cow::default() })
            .collect();
        let fields: Vec<Field> = fields
            .iter()
            .zip(&texts)
            .map(|(field, text)| if let Field::Bytes(_) = field { Field::Bytes(text) } else { *field })
            .collect();
        self.0.row(&fields)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.0.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row with line ends, escapes and broken text in its cells is one line on a terminal.
    #[test]
    fn a_row_stays_a_line() {
        let mut screen = Vec::new();
        let sink = Sink::stream("memory", Cleaning::new(&mut screen));
        let table = TableFormat::Csv.table(sink, TableOptions::default()).unwrap();
        let mut table = Box::new(Shown(table));
        table.header(&[Column::bytes("a\nb"), Column::count("rank")]).unwrap();
        table.row(&[Field::Bytes(b"x\n1,2\x1b[2J\xc2\x9b\xff"), Field::Count(7)]).unwrap();
        table.finish().unwrap();
        let expected = "a\\nb,rank\n\"x\\n1,2\\x1b[2J\\u{9b}\\xff\",7\n";
        assert_eq!(String::from_utf8(screen).unwrap(), expected);
    }
}
