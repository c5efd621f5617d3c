//! Damaged files: a panic of the library becomes an error, and an error names the file and the damaged part.

use crate::error::Error;
use crate::guard::guarded;
use parquet::errors::ParquetError;
use std::io;
use std::path::Path;

/// Calls the library, which panics at some kinds of damage; a panic becomes an error.
pub(super) fn checked<T>(call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    let nonsense = || Err(ParquetError::General("its numbers do not fit together".into()));
    guarded(call).unwrap_or_else(nonsense)
}

/// The error for a file whose part `what` is damaged or cannot be read from the disk.
pub(super) fn damaged(path: &Path, what: &str, error: ParquetError) -> Error {
    let error = match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(source) => return Error::Read { path: path.to_owned(), source: *source },
            Err(other) => other.to_string(),
        },
        other => other.to_string(),
    };
    Error::Input(format!("{}: {what} cannot be read: {error}", path.display()))
}
