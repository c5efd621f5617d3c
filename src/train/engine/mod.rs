//! Engines: the only part of training that knows a device.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;

use super::row::sgd::Numbers;
use super::state::State;
use crate::Result;
use crate::ratings::Side;

/// The numbers of one epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochNumbers {
    /// For user sweeps.
    pub users: Numbers,
    /// For item sweeps.
    pub items: Numbers,
}

impl EpochNumbers {
    /// The numbers of one side's sweeps.
    pub fn of(&self, side: Side) -> &Numbers {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }
}

/// A device with a problem and a state on it.
///
/// Row updates of one sweep touch no common memory, so a sweep's result depends neither on the order in which rows
/// are run nor on how many run at once.
pub trait Engine {
    /// What it runs on, for people.
    fn device(&self) -> String;

    /// How many stages its problem has.
    fn stages(&self) -> usize;

    /// Updates every row of `side` that has ratings in `stage`. May only record the work.
    ///
    /// # Errors
    /// If the device failed.
    fn sweep(&mut self, stage: usize, side: Side, numbers: &Numbers) -> Result<()>;

    /// Completes all sweeps. Gives the sum of squared errors of the latest user sweep of each stage, each error
    /// measured just before the row learnt from it, in standard units.
    ///
    /// # Errors
    /// If the device failed.
    fn loss(&mut self) -> Result<f64>;

    /// The sum of squared errors over the held-out ratings, predictions clipped to the data's range, in standard
    /// units, when training sees the mean at `offset`.
    ///
    /// # Errors
    /// If the device failed.
    fn held_out_error(&mut self, offset: f32) -> Result<f64>;

    /// A copy of everything training changes.
    ///
    /// # Errors
    /// If the device failed.
    fn state(&mut self) -> Result<State>;

    /// Goes on from `state`.
    ///
    /// # Errors
    /// If the device failed.
    fn restore(&mut self, state: &State) -> Result<()>;
}
