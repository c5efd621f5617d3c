//! JSON for people.

use mfgpu::{Error, Result};
use serde::Serialize;

/// A value as JSON for people, with a line end.
pub(crate) fn json_text(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::Bug(error.to_string()))?;
    Ok(text + "\n")
}
