//! The stand-in for parquet in a build without it.

use crate::error::{Error, Result};
use crate::input::options::{ReadOptions, Wanted};
use crate::input::rows::Rows;
use crate::input::value::Reading;
use std::path::Path;
use std::sync::Arc;

/// No row group.
#[derive(Debug)]
pub(in crate::input) enum Group {}

impl Group {
    pub(in crate::input) fn parse(&self, _: u64, _: &mut Rows) -> Result<()> {
        match *self {}
    }
}

/// No row groups.
#[derive(Debug)]
pub(in crate::input) enum Groups {}

impl Groups {
    /// Refuses.
    pub(in crate::input) fn open(path: &Path, _: &ReadOptions, _: Wanted) -> Result<Self> {
        Err(refused(path))
    }

    pub(in crate::input) fn bytes(&self) -> u64 {
        match *self {}
    }

    pub(in crate::input) fn rows(&self) -> u64 {
        match *self {}
    }

    pub(in crate::input) fn told(&self) -> &str {
        match *self {}
    }

    pub(in crate::input) fn reading(&self) -> &Arc<Reading> {
        match *self {}
    }

    pub(in crate::input) fn iter(&self) -> std::iter::Empty<(Group, u64, u64)> {
        match *self {}
    }
}

/// Refuses.
pub(in crate::input) fn as_text(path: &Path) -> Result<Vec<u8>> {
    Err(refused(path))
}

fn refused(path: &Path) -> Error {
    let what = "a parquet file, which this build of mfgpu does not read";
    let help = "build it with `--features parquet`, or export the file as csv";
    Error::Input(format!("{}: {what}; {help}", path.display()))
}
