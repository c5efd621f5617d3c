//! How an epoch is asked to pause.

/// Asked after each stage of an epoch, by its number, whether to stop.
pub(in crate::train) type Stop<'a> = dyn FnMut(usize) -> bool + 'a;
