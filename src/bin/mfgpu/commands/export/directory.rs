//! The files of an export, in its directory.

use crate::show::json::json_text;
use crate::signals;
use crate::terminal;
use mfgpu::files::{Sink, make_directories};
use mfgpu::output::{Table, TableFormat, TableOptions};
use mfgpu::ratings::Side;
use mfgpu::{Error, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The sides of a model, with the names of one row and of many.
pub(super) const SIDES: [(Side, &str, &str); 2] =
    [(Side::User, "user", "users"), (Side::Item, "item", "items")];
/// The file of what belongs to no side.
const ABOUT: &str = "model.json";

/// The directory of an export.
#[derive(Clone, Copy)]
pub(super) struct Directory<'a> {
    pub(super) path: &'a Path,
    /// Whether text and arrays are packed.
    pub(super) zstd: bool,
}

impl Directory<'_> {
    /// Makes the directory if it is not there.
    pub(super) fn make(&self) -> Result<()> {
        make_directories(self.path).map_err(Error::write(self.path))
    }

    /// The path of a file in the directory; only text and arrays are compressed as a whole.
    pub(super) fn file(&self, name: &str, ending: &str) -> PathBuf {
        let packed = if self.zstd && ending != "parquet" { ".zst" } else { "" };
        self.path.join(format!("{name}.{ending}{packed}"))
    }

    /// The path of an array.
    pub(super) fn array_file(&self, one: &str, what: &str) -> PathBuf {
        self.file(&format!("{one}_{what}"), "npy")
    }

    /// An array to write.
    pub(super) fn array(&self, one: &str, what: &str) -> Result<Sink<'static>> {
        signals::sink(self.array_file(one, what))?.packed(self.zstd)
    }

    /// Writes a table.
    pub(super) fn table(
        &self,
        name: &str,
        format: TableFormat,
        options: TableOptions,
        rows: impl FnOnce(&mut dyn Table) -> Result<()>,
    ) -> Result<()> {
        let path = self.file(name, format.name());
        let mut table = terminal::table(format, &path, options, signals::token())?;
        rows(&mut *table)?;
        table.finish()
    }

    /// The file of what belongs to no side.
    pub(super) fn about_file(&self) -> PathBuf {
        self.path.join(ABOUT)
    }

    /// Writes that file.
    pub(super) fn about(&self, about: &Value) -> Result<()> {
        let mut file = signals::sink(self.about_file())?;
        file.put(json_text(about)?.as_bytes())?;
        file.commit()
    }
}
