//! How an epoch is asked to pause.

/// Asked after each stage of an epoch, by its number, whether to pause.
pub(in crate::train) type Pause<'a> = dyn FnMut(usize) -> bool + 'a;
