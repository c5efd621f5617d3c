//! Errors of the engine as exceptions of Python.

use mfgpu::Error;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

/// The exception of an error. `mfgpu._errors` makes it, and translates settings into keywords.
pub(crate) fn raised(py: Python<'_>, error: Error) -> PyErr {
    if matches!(error, Error::Stopped { .. }) {
        return PyKeyboardInterrupt::new_err(error.to_string());
    }
    let kind = match &error {
        Error::Usage(_) => "usage",
        Error::Setting { .. } => "setting",
        Error::Input(_) => "input",
        Error::Read { .. } | Error::Write { .. } => "system",
        Error::TooLarge(_) => "memory",
        Error::NoDevice(_) | Error::Device(_) => "device",
        Error::Diverged(_) => "diverged",
        Error::Damaged { .. } => "damaged",
        Error::Locked(_) => "locked",
        _ => "bug",
    };
    let (number, path) = match &error {
        Error::Read { path, source } | Error::Write { path, source } => {
            (source.raw_os_error(), Some(path.display().to_string()))
        }
        _ => (None, None),
    };
    let setting = if let Error::Setting { name, .. } = &error { Some(*name) } else { None };
    let make =
        || py.import("mfgpu._errors")?.getattr("of")?.call1((kind, error.to_string(), setting, number, path));
    match make() {
        Ok(exception) => PyErr::from_value(exception),
        Err(other) => other,
    }
}

/// The exception for a panic, which is a fault of the engine.
pub(crate) fn panicked() -> PyErr {
    PyRuntimeError::new_err("internal error of mfgpu; please report it")
}
