//! Engines: the only part of training that knows a device.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
mod moments;
mod open;
mod saved;

pub use moments::Moments;
pub use open::Device;
pub use saved::Saved;

use super::problem::{Problem, Set};
use super::row::Update;
use super::row::normal::ViewNumbers;
use super::row::sgd::RowState;
use super::state::State;
use crate::Result;
use crate::math::Matrix;
use crate::ratings::{At, Side};
use std::sync::Arc;

/// Makes an engine for a problem, to start from a state.
pub type OpenEngine<'a> = dyn FnMut(Arc<Problem>, &State) -> Result<Box<dyn Engine>> + 'a;

/// Which vectors of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vectors {
    /// Factors and bias.
    Factors,
    /// The view vectors, by which the other side's factors explain who rated what, and in the place of the bias minus
    /// the share of the other side's rows that rated them.
    Views,
}

/// A device with a problem and a state on it.
///
/// Row updates of one sweep touch no common memory, so a sweep's result depends neither on the order in which rows
/// are run nor on how many run at once.
pub trait Engine {
    /// What it runs on, for people.
    fn device(&self) -> String;

    /// Whether it runs on a device that may be lost.
    fn can_fail(&self) -> bool {
        true
    }

    /// How many stages its problem has.
    fn stages(&self) -> usize;

    /// Updates every row of a side that has ratings in a stage. May only record the work.
    ///
    /// # Errors
    /// If the device failed.
    fn sweep(&mut self, at: At, update: &Update) -> Result<()>;

    /// Completes all sweeps; the state of every row of `side`.
    ///
    /// # Errors
    /// If the device failed.
    fn rows(&mut self, side: Side) -> Result<Vec<RowState>>;

    /// Replaces the state of every row of `side`.
    ///
    /// # Errors
    /// If the device failed.
    fn set_rows(&mut self, side: Side, rows: &[RowState]) -> Result<()>;

    /// Completes all sweeps. The sum of squared errors of the latest user sweep, in standard units: of stochastic
    /// gradient steps each error as it was just before the row learnt from it, else those of the new rows.
    ///
    /// # Errors
    /// If the device failed.
    fn loss(&mut self) -> Result<f64> {
        Ok(self.rows(Side::User)?.iter().map(|row| f64::from(row.loss)).sum())
    }

    /// Sums over the rows of `side` that have ratings.
    ///
    /// # Errors
    /// If the device failed.
    fn moments(&mut self, side: Side, vectors: Vectors) -> Result<Moments>;

    /// Computes the view vectors of `side` from the factors of the other side; the problem must be of one stage.
    ///
    /// # Errors
    /// If the device failed.
    fn explain(&mut self, side: Side, numbers: &ViewNumbers) -> Result<()>;

    /// Gives the view vectors of `side`, one row each, where they are not to be computed here.
    ///
    /// # Errors
    /// If the device failed.
    fn set_views(&mut self, side: Side, views: &Matrix) -> Result<()>;

    /// The sum of squared errors over the ratings of `set`, predictions clipped to the data's range, in standard
    /// units, when training sees the mean at `offset`.
    ///
    /// # Errors
    /// If the device failed.
    fn squared_error(&mut self, set: Set, offset: f32) -> Result<f64>;

    /// The predictions for the ratings of `set`, in standard units, not clipped.
    ///
    /// # Errors
    /// If the device failed.
    fn predictions(&mut self, set: Set) -> Result<Vec<f32>>;

    /// A copy of everything training changes. View vectors are not in it: they are a function of it.
    ///
    /// # Errors
    /// If the device failed.
    fn state(&mut self) -> Result<State>;

    /// Goes on from `state`.
    ///
    /// # Errors
    /// If the device failed.
    fn restore(&mut self, state: &State) -> Result<()>;

    /// Sets aside everything training changes.
    ///
    /// # Errors
    /// If the device failed.
    fn save(&mut self) -> Result<Saved> {
        self.state().map(Saved::Host)
    }

    /// Goes on from what was set aside.
    ///
    /// # Errors
    /// If the device failed.
    fn go_back(&mut self, saved: &Saved) -> Result<()> {
        self.restore(&*saved.state()?)
    }
}
