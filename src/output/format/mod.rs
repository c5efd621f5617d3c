//! The table formats, one a module, and the choice of a format by file name.

mod csv;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet_disabled.rs"]
mod parquet;

pub use csv::{Csv, CsvTable};
pub use jsonl::{Jsonl, JsonlTable};

use super::Table;
use crate::error::{Error, Result};
use crate::files::Sink;
use crate::stop::Stop;
use std::path::Path;

/// How a table is written, in any format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableOptions {
    /// Whether text is packed with zstd; in a parquet file its pages are, in place of snappy.
    pub zstd: bool,
    /// Whether a spreadsheet may open a csv file of ids and titles that nobody has checked, see
    /// [`CsvTable::safe`].
    pub csv_safe: bool,
}

/// A format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TableFormat {
    /// Comma-separated values.
    #[default]
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl TableFormat {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Jsonl, Self::Parquet];

    /// The name in flags, and as the ending of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// The format that the ending of a file's name asks for; `None` if it names no format. The ending `.zst`
    /// is skipped.
    pub fn of(path: &Path) -> Option<Self> {
        match ending(path).as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// A table that goes to `path` (`-` is standard output). Text is packed if the options say so or the name
    /// ends in `.zst`. Nothing more is written once `stop` is raised.
    ///
    /// # Errors
    /// [`Error::Write`] if it cannot be opened; [`Error::Usage`] if this build has no such format.
    pub fn open(self, path: &Path, options: TableOptions, stop: &Stop) -> Result<Box<dyn Table>> {
        if self == Self::Parquet && is_zstd(path) {
            let message = "parquet packs its pages by itself; leave `.zst` away";
            return Err(Error::Usage(format!("{}: {message}", path.display())));
        }
        let zstd = options.zstd || is_zstd(path);
        self.table(Sink::open(path)?.until(stop), TableOptions { zstd, ..options })
    }

    /// A table that goes to a sink.
    ///
    /// # Errors
    /// [`Error::Usage`] if this build has no such format.
    pub fn table<'a>(self, sink: Sink<'a>, options: TableOptions) -> Result<Box<dyn Table + 'a>> {
        let TableOptions { zstd, csv_safe } = options;
        Ok(match self {
            Self::Csv => Box::new(CsvTable::new(sink.packed(zstd)?).safe(csv_safe)),
            Self::Jsonl => Box::new(JsonlTable::new(sink.packed(zstd)?)),
            Self::Parquet => parquet::table(sink, zstd)?,
        })
    }
}

/// Whether a file of this name is to be packed with zstd.
pub fn is_zstd(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zst"))
}

/// The ending of a name, in lower case; if it is `.zst`, the ending before it.
pub fn ending(path: &Path) -> String {
    let stem = path.file_stem().map(Path::new).filter(|_| is_zstd(path));
    let extension = stem.unwrap_or(path).extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings() {
        let of = |name: &str| TableFormat::of(Path::new(name));
        assert_eq!([of("a.csv"), of("a.b/c.CSV.zst")], [Some(TableFormat::Csv); 2]);
        assert_eq!([of("a.jsonl"), of("a.ndjson.zst")], [Some(TableFormat::Jsonl); 2]);
        assert_eq!([of("a.parquet"), of("a.pq")], [Some(TableFormat::Parquet); 2]);
        assert_eq!([of("-"), of("a"), of("a.zst"), of("csv"), of("a.txt")], [None; 5]);
    }
}
