//! The stand-in for Arrow in a build without it.

use crate::error::{Error, Result};
use crate::input::options::{ReadOptions, Wanted};
use crate::input::rows::Rows;
use crate::input::value::Reading;
use std::path::Path;
use std::sync::Arc;

/// No record batch.
#[derive(Debug)]
pub(in crate::input) enum Batch {}

impl Batch {
    pub(in crate::input) fn parse(&self, _: u64, _: &mut Rows) -> Result<()> {
        match *self {}
    }
}

/// No record batches.
#[derive(Debug)]
pub(in crate::input) enum Batches {}

impl Batches {
    /// Refuses.
    pub(in crate::input) fn open(path: &Path, _: &ReadOptions, _: Wanted) -> Result<Self> {
        let what = "an Arrow file, which this build of mfgpu does not read";
        let help = "build it with `--features arrow`, or export the file as csv";
        Err(Error::Input(format!("{}: {what}; {help}", path.display())))
    }

    pub(in crate::input) fn path(&self) -> &Path {
        match *self {}
    }

    pub(in crate::input) fn bytes(&self) -> u64 {
        match *self {}
    }

    pub(in crate::input) fn told(&self) -> &str {
        match *self {}
    }

    pub(in crate::input) fn reading(&self) -> &Arc<Reading> {
        match *self {}
    }

    pub(in crate::input) fn next(&mut self) -> Result<Option<(Batch, u64, u64)>> {
        match *self {}
    }
}
