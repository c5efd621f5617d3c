//! The observer that training reports to, and the question whether to pause.

use super::event::Event;
use std::ops::ControlFlow;

/// Receives every event. If it breaks, training ends with the result so far.
pub type Observe<'a> = dyn FnMut(&Event) -> ControlFlow<()> + 'a;

/// A unit of training that has finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A stage of an epoch.
    Stage,
    /// An epoch.
    Epoch,
    /// All of training.
    All,
}

/// What a training loop knows of its surroundings.
pub(super) trait Monitor {
    /// Reports an event. Returns whether training must end.
    fn report(&mut self, event: &Event) -> bool;

    /// Whether an event ended training.
    fn stopped(&self) -> bool;

    /// Whether the state must be kept before the next step.
    fn due(&mut self, step: Step) -> bool;
}
