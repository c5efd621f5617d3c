//! Whom the loops report to, and whom they ask whether to pause.

use super::event::Event;
use std::ops::ControlFlow;

/// Sees every event; when it breaks, training ends with what it has.
pub type Observe<'a> = dyn FnMut(&Event) -> ControlFlow<()> + 'a;

/// Which step of training is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A stage of an epoch.
    Stage,
    /// An epoch.
    Epoch,
    /// The whole.
    All,
}

/// What a loop sees of the outside.
pub(super) trait Monitor {
    /// Reports an event; whether training is to end.
    fn report(&mut self, event: &Event) -> bool;

    /// Whether the state is to be kept before the next step.
    fn due(&mut self, step: Step) -> bool;
}
