//! A file of numbers: a table with a row a number, or JSON, by its name.

use crate::show::json::json_text;
use crate::signals;
use crate::terminal;
use mfgpu::Result;
use mfgpu::files::Sink;
use mfgpu::output::{Table, TableFormat, TableOptions};
use serde::Serialize;
use std::path::Path;

/// A file of numbers.
pub(crate) enum Numbers {
    Table(Box<dyn Table>),
    Json(Sink<'static>),
}

impl Numbers {
    /// Opens a file in the format of its name.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        match TableFormat::of(path) {
            Some(format) => {
                terminal::table(format, path, TableOptions::default(), signals::token()).map(Self::Table)
            }
            None => signals::sink(path).map(Self::Json),
        }
    }

    /// Writes what was found; `save` writes it as a table.
    pub(crate) fn save<T: Serialize>(
        self,
        found: &T,
        save: impl FnOnce(&T, Box<dyn Table>) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::Table(table) => save(found, table),
            Self::Json(mut file) => {
                file.put(json_text(found)?.as_bytes())?;
                file.commit()
            }
        }
    }
}
