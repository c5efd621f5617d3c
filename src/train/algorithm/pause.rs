//! How an epoch asks whether to pause.

/// Called after each stage of an epoch with the stage's number; returns whether to pause.
pub(in crate::train) type Pause<'a> = dyn FnMut(usize) -> bool + 'a;
