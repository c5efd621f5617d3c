//! The wish to stop, or to save: a token that is handed down to long work, which looks at it between its
//! steps.

use crate::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// The exit code of work that was stopped by no signal.
const ASKED: usize = 128;

/// A wish to stop. Clones share it: whoever holds one may raise it, from any thread, and whatever was handed
/// one ends soon after. Each piece of work may have a token of its own; a new token is not raised.
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

    /// Asks whatever holds this token to stop.
    pub fn raise(&self) {
        self.code.store(ASKED, SeqCst);
    }

    /// Whether it was raised.
    pub fn is_raised(&self) -> bool {
        self.code().is_some()
    }

    /// Ends work that nothing is saved of.
    ///
    /// # Errors
    /// [`Error::Stopped`] if the token was raised.
    pub fn check(&self) -> Result<()> {
        self.code().map_or(Ok(()), |code| Err(Error::stopped(code)))
    }

    /// As [`check`](Self::check), between writes.
    ///
    /// # Errors
    /// An error that [`Error::write`] knows again.
    pub(crate) fn check_write(&self) -> std::io::Result<()> {
        self.check().map_err(std::io::Error::other)
    }

    /// Whether saving is wished; the wish is taken back with the answer.
    pub(crate) fn take_save(&self) -> bool {
        self.save.swap(false, SeqCst)
    }

    /// What listens to signals raises: the exit code to stop with, where 0 is none, and the wish to save and
    /// go on.
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
