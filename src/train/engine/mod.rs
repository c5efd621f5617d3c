//! Engines: the only part of training that knows a device.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
mod moments;
mod open;
mod saved;

pub use moments::{MomentParts, Moments};
pub use open::Device;
pub use saved::Saved;

use super::problem::{Problem, Set};
use super::row::RowState;
use super::row::Update;
use super::row::normal::ImplicitNumbers;
use super::state::{SideState, State};
use crate::Result;
use crate::math::Matrix;
use crate::ratings::{At, Side, Sides};
use std::ops::Range;
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
    Implicit,
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

    /// How many rows a side has.
    fn size(&self, side: Side) -> usize;

    /// Completes all sweeps; the factors and states of some rows of `side`.
    ///
    /// # Errors
    /// If the device failed.
    fn read_rows(&mut self, side: Side, rows: Range<usize>) -> Result<SideState>;

    /// Replaces the factors and states of as many rows of `side` as are given, from row `first` on.
    ///
    /// # Errors
    /// If the device failed.
    fn write_rows(&mut self, side: Side, first: usize, rows: &SideState) -> Result<()>;

    /// Completes all sweeps; the state of every row of `side`, without factors.
    ///
    /// # Errors
    /// If the device failed.
    fn row_states(&mut self, side: Side) -> Result<Vec<RowState>>;

    /// Replaces the state of every row of `side`.
    ///
    /// # Errors
    /// If the device failed.
    fn set_row_states(&mut self, side: Side, states: &[RowState]) -> Result<()>;

    /// Completes all sweeps. The squared errors of the latest user sweep, in standard units, in sums over parts of the users in
    /// their order: of stochastic gradient steps each error as it was just before the row was updated with it, else those
    /// of the new rows.
    ///
    /// # Errors
    /// If the device failed.
    fn loss_parts(&mut self) -> Result<Vec<f64>> {
        Ok(self.row_states(Side::User)?.iter().map(|row| f64::from(row.loss)).collect())
    }

    /// The sum of [`loss_parts`](Self::loss_parts).
    ///
    /// # Errors
    /// If the device failed.
    fn loss(&mut self) -> Result<f64> {
        self.loss_parts().map(fold)
    }

    /// Sums over the rows of `side` that have ratings, in parts.
    ///
    /// # Errors
    /// If the device failed.
    fn moment_parts(&mut self, side: Side, vectors: Vectors) -> Result<MomentParts>;

    /// The sum of [`moment_parts`](Self::moment_parts).
    ///
    /// # Errors
    /// If the device failed.
    fn moments(&mut self, side: Side, vectors: Vectors) -> Result<Moments> {
        self.moment_parts(side, vectors).map(|parts| parts.fold())
    }

    /// Computes the view vectors of `side` from the factors of the other side; the problem must be of one stage.
    ///
    /// # Errors
    /// If the device failed.
    fn make_implicit(&mut self, side: Side, numbers: &ImplicitNumbers) -> Result<()>;

    /// Gives the view vectors of `side`, one row each, where they are not to be computed by the engine.
    ///
    /// # Errors
    /// If the device failed.
    fn set_implicit(&mut self, side: Side, views: &Matrix) -> Result<()>;

    /// The squared errors over the ratings of `set`, predictions clipped to the data's range, in standard units, when training
    /// sees the mean at `offset`: in sums over parts of the ratings in their order.
    ///
    /// # Errors
    /// If the device failed.
    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>>;

    /// The sum of [`squared_error_parts`](Self::squared_error_parts).
    ///
    /// # Errors
    /// If the device failed.
    fn squared_error(&mut self, set: Set, offset: f32) -> Result<f64> {
        self.squared_error_parts(set, offset).map(fold)
    }

    /// The predictions for the ratings of `set`, in standard units, not clipped.
    ///
    /// # Errors
    /// If the device failed.
    fn predictions(&mut self, set: Set) -> Result<Vec<f32>>;

    /// A copy of everything training changes. View vectors are not in it: they are a function of it.
    ///
    /// # Errors
    /// If the device failed.
    fn state(&mut self) -> Result<State> {
        Sides::try_from_fn(|side| self.read_rows(side, 0..self.size(side)))
    }

    /// Resumes from `state`.
    ///
    /// # Errors
    /// If the device failed.
    fn restore(&mut self, state: &State) -> Result<()> {
        Side::BOTH.into_iter().try_for_each(|side| self.write_rows(side, 0, &state[side]))
    }

    /// Sets aside everything training changes.
    ///
    /// # Errors
    /// If the device failed.
    fn save(&mut self) -> Result<Saved> {
        self.state().map(Saved::Host)
    }

    /// Resumes from what was set aside.
    ///
    /// # Errors
    /// If the device failed.
    fn go_back(&mut self, saved: &Saved) -> Result<()> {
        self.restore(&*saved.state()?)
    }
}

/// Adds parts up in their order.
fn fold(parts: Vec<f64>) -> f64 {
    parts.into_iter().sum()
}
