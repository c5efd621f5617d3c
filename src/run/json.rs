//! The JSON files of a run directory.

use crate::files::{AtomicFile, own_read, read_own_text};
use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::path::Path;

/// Writes a value to a file, indented for people.
///
/// # Errors
/// [`Error::Write`].
pub(super) fn save(value: &impl Serialize, mut file: AtomicFile) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::Bug(error.to_string()))?;
    writeln!(file, "{text}").map_err(|error| Error::write(file.path())(error))?;
    file.commit()
}

/// Reads a value from a file.
///
/// # Errors
/// [`Error::Read`]; [`Error::Damaged`] if the file does not hold such a value, or is none.
pub(super) fn load<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = read_own_text(path).map_err(own_read(path))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::Damaged { path: path.to_owned(), why: error.to_string() })
}
