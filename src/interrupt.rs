//! The wish to stop, or to save, as it reaches a whole process from outside. Whoever listens to signals raises it; long
//! work looks at it between its steps.

use crate::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};

static STOP: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);
static SAVE: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// The flag of the wish to stop: 0, or the exit code to stop with.
pub fn stop() -> &'static Arc<AtomicUsize> {
    &STOP
}

/// The flag of the wish to save and go on.
pub fn save() -> &'static Arc<AtomicBool> {
    &SAVE
}

/// The exit code to stop with, if that is wished.
pub fn stopping() -> Option<u8> {
    u8::try_from(STOP.load(SeqCst)).ok().filter(|code| *code > 0)
}

/// Whether saving is wished; the wish is taken back with the answer.
pub fn take_save() -> bool {
    SAVE.swap(false, SeqCst)
}

/// Ends work that nothing is saved of.
///
/// # Errors
/// [`Error::Stopped`] if that is wished.
pub fn check() -> Result<()> {
    match stopping() {
        Some(code) => Err(Error::stopped(code)),
        None => Ok(()),
    }
}

/// As [`check`], between writes.
///
/// # Errors
/// An error that [`Error::write`] knows again.
pub fn check_write() -> std::io::Result<()> {
    match stopping() {
        Some(code) => Err(std::io::Error::other(Error::stopped(code))),
        None => Ok(()),
    }
}
