//! The JSON files of a run directory.

use crate::files::AtomicFile;
use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::path::Path;

/// Writes a value to a file, indented for people.
///
/// # Errors
/// [`Error::Write`].
pub(super) fn save(value: &impl Serialize, path: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::Bug(error.to_string()))?;
    let mut file = AtomicFile::create(path)?;
    writeln!(file, "{text}").map_err(Error::write(path))?;
    file.commit()
}

/// Reads a value from a file.
///
/// # Errors
/// [`Error::Read`]; [`Error::Damaged`] if the file does not hold such a value.
pub(super) fn load<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(Error::read(path))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::Damaged { path: path.to_owned(), why: error.to_string() })
}
