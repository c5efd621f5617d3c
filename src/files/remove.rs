//! Removes directories with their contents.

use crate::{Error, Result};
use std::fs;
use std::path::Path;

/// Removes a directory with its contents, if it exists.
///
/// # Errors
/// [`Error::Write`].
pub(crate) fn remove_directory(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(Error::write(directory))?;
    }
    Ok(())
}
