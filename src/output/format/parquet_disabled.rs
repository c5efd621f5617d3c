//! The stand-in for parquet in a build without it.

use crate::error::{Error, Result};
use crate::files::Sink;
use crate::output::Table;

/// Refuses.
#[expect(clippy::needless_pass_by_value, reason = "as what it stands in for")]
pub(super) fn table<'a>(sink: Sink<'a>, _: bool) -> Result<Box<dyn Table + 'a>> {
    let why =
        "this build of mfgpu writes no parquet; build it with `--features parquet`, or write csv or jsonl";
    Err(Error::Usage(format!("{}: {why}", sink.path().display())))
}
