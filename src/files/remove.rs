//! Directories that go with all that is in them.

use crate::{Error, Result};
use std::fs;
use std::path::Path;

/// Removes a directory with all that is in it, if it is there.
///
/// # Errors
/// [`Error::Write`].
pub(crate) fn remove_directory(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(Error::write(directory))?;
    }
    Ok(())
}
