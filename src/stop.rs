//! A token to stop long work, or to make it save. The work is handed a clone and checks it between its steps.

use crate::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// The exit code of work that was stopped without a signal.
const ASKED: usize = 128;

/// A token to stop work. Clones share one state: any holder may raise it, from any thread, and the work that
/// was handed a clone ends soon after. Each piece of work may have its own token; a new token is not raised.
///
/// ```
/// use mfgpu::Stop;
///
/// let stop = Stop::new();
/// let other = stop.clone();
/// assert!(stop.check().is_ok());
/// std::thread::spawn(move || other.raise()).join().unwrap();
/// assert!(stop.is_raised());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// 0, or the exit code to stop with.
    code: Arc<AtomicUsize>,
    save: Arc<AtomicBool>,
}

impl Stop {
    /// A token that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks all work that holds this token to stop.
    pub fn raise(&self) {
        self.code.store(ASKED, SeqCst);
    }

    /// Whether the token was raised.
    pub fn is_raised(&self) -> bool {
        self.code().is_some()
    }

    /// Ends work that has nothing to save: returns an error once the token was raised.
    ///
    /// # Errors
    /// [`Error::Stopped`] if the token was raised.
    pub fn check(&self) -> Result<()> {
        self.code().map_or(Ok(()), |code| Err(Error::stopped(code)))
    }

    /// As [`check`](Self::check), between writes.
    ///
    /// # Errors
    /// An error that [`Error::write`] turns back into [`Error::Stopped`].
    pub(crate) fn check_write(&self) -> std::io::Result<()> {
        self.check().map_err(std::io::Error::other)
    }

    /// Whether a save was requested; clears the request.
    pub(crate) fn take_save(&self) -> bool {
        self.save.swap(false, SeqCst)
    }

    /// The flags that a signal handler sets: the exit code to stop with (0 is none), and the request to save
    /// and continue.
    #[doc(hidden)]
    pub fn flags(&self) -> (&Arc<AtomicUsize>, &Arc<AtomicBool>) {
        (&self.code, &self.save)
    }

    fn code(&self) -> Option<u8> {
        u8::try_from(self.code.load(SeqCst)).ok().filter(|code| *code > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_a_wish_and_others_do_not() {
        let (stop, other) = (Stop::new(), Stop::new());
        stop.clone().raise();
        assert!(stop.is_raised() && !other.is_raised() && other.check().is_ok());
        assert!(matches!(stop.check(), Err(Error::Stopped { code: 128, .. })));
        let error = Error::write("file")(stop.check_write().unwrap_err());
        assert!(matches!(error, Error::Stopped { code: 128, .. }), "{error}");
    }

    #[test]
    fn a_signal_says_how_to_end_and_a_wish_to_save_is_taken_once() {
        let stop = Stop::new();
        let (code, save) = stop.flags();
        code.store(143, SeqCst);
        assert!(matches!(stop.check(), Err(Error::Stopped { code: 143, .. })));
        save.store(true, SeqCst);
        assert_eq!([stop.take_save(), stop.take_save()], [true, false]);
    }
}
