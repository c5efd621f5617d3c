//! Engines: the only part of training that depends on the device.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
mod moments;
mod open;
mod ranked;
mod saved;

pub use moments::{MomentParts, Moments};
pub use open::Device;
pub use ranked::Ranked;
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

/// Opens an engine for a problem, starting from a state.
pub type OpenEngine<'a> = dyn FnMut(Arc<Problem>, &State) -> Result<Box<dyn Engine>> + 'a;

/// A kind of vectors of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vectors {
    /// Factors and bias.
    Factors,
    /// Implicit feature vectors, by which the other side's factors explain who rated what. In the position of
    /// the bias they have minus the share of the other side's rows that rated them.
    Implicit,
}

/// A device with a problem and a state on it.
///
/// Row updates of one sweep touch no common memory. A sweep's result therefore depends neither on the order
/// of the rows nor on how many are updated at once.
pub trait Engine {
    /// A description of the device, for people.
    fn device(&self) -> String;

    /// Whether the device can fail or be lost.
    fn can_fail(&self) -> bool {
        true
    }

    /// The number of stages of the problem.
    fn stages(&self) -> usize;

    /// Updates every row of a side that has ratings in a stage. The engine may only record the work.
    ///
    /// # Errors
    /// If the device fails.
    fn sweep(&mut self, at: At, update: &Update) -> Result<()>;

    /// The number of rows of a side.
    fn size(&self, side: Side) -> usize;

    /// Completes all sweeps. Returns the factors and states of some rows of `side`.
    ///
    /// # Errors
    /// If the device fails.
    fn read_rows(&mut self, side: Side, rows: Range<usize>) -> Result<SideState>;

    /// Replaces the factors and states of consecutive rows of `side`, beginning with row `first`.
    ///
    /// # Errors
    /// If the device fails.
    fn write_rows(&mut self, side: Side, first: usize, rows: &SideState) -> Result<()>;

    /// Completes all sweeps. Returns the factors and states of `rows` of `side`, which ascend.
    ///
    /// # Errors
    /// If the device fails.
    fn take_rows(&mut self, side: Side, rows: &[u32]) -> Result<SideState> {
        take_covered(self, side, rows)
    }

    /// Replaces the factors and states of `rows` of `side`, which ascend.
    ///
    /// # Errors
    /// If the device fails.
    fn put_rows(&mut self, side: Side, rows: &[u32], new: &SideState) -> Result<()> {
        put_covered(self, side, rows, new)
    }

    /// Completes all sweeps. Returns the state of every row of `side`, without factors.
    ///
    /// # Errors
    /// If the device fails.
    fn row_states(&mut self, side: Side) -> Result<Vec<RowState>>;

    /// Replaces the state of every row of `side`.
    ///
    /// # Errors
    /// If the device fails.
    fn set_row_states(&mut self, side: Side, states: &[RowState]) -> Result<()>;

    /// Completes all sweeps. Returns the squared errors of the latest user sweep in standard units, as sums
    /// over parts of the users in their order. Stochastic gradient steps measure each error just before the
    /// row is updated with its rating; other updates measure the errors of the new row.
    ///
    /// # Errors
    /// If the device fails.
    fn loss_parts(&mut self) -> Result<Vec<f64>> {
        Ok(self.row_states(Side::User)?.iter().map(|row| f64::from(row.loss)).collect())
    }

    /// The sum of [`loss_parts`](Self::loss_parts).
    ///
    /// # Errors
    /// If the device fails.
    fn loss(&mut self) -> Result<f64> {
        self.loss_parts().map(fold)
    }

    /// Partial sums over the rows of `side` that have ratings; of the problem's rank, those of its part.
    ///
    /// # Errors
    /// If the device fails.
    fn moment_parts(&mut self, side: Side, vectors: Vectors) -> Result<MomentParts>;

    /// The sum of [`moment_parts`](Self::moment_parts).
    ///
    /// # Errors
    /// If the device fails.
    fn moments(&mut self, side: Side, vectors: Vectors) -> Result<Moments> {
        self.moment_parts(side, vectors).map(|parts| parts.fold())
    }

    /// Computes the implicit features of `side` from the factors of the other side. The problem must have one
    /// stage.
    ///
    /// # Errors
    /// If the device fails.
    fn make_implicit(&mut self, side: Side, numbers: &ImplicitNumbers) -> Result<()>;

    /// The implicit features of `side`, one row each.
    ///
    /// # Errors
    /// If the device fails.
    fn implicit(&mut self, side: Side) -> Result<Matrix>;

    /// Sets the implicit features of `side`, one row each, in place of those that the engine would compute.
    ///
    /// # Errors
    /// If the device fails.
    fn set_implicit(&mut self, side: Side, implicit: &Matrix) -> Result<()>;

    /// The squared errors over the ratings of `set` in standard units, as sums over parts of the ratings in
    /// their order; of the problem's rank, those of its part. Predictions are clipped to the range of the data.
    /// Training places the mean at `offset`.
    ///
    /// # Errors
    /// If the device fails.
    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>>;

    /// The sum of [`squared_error_parts`](Self::squared_error_parts).
    ///
    /// # Errors
    /// If the device fails.
    fn squared_error(&mut self, set: Set, offset: f32) -> Result<f64> {
        self.squared_error_parts(set, offset).map(fold)
    }

    /// The predictions for the ratings of `set`, in standard units, not clipped; of the problem's rank, those of
    /// its part.
    ///
    /// # Errors
    /// If the device fails.
    fn predictions(&mut self, set: Set) -> Result<Vec<f32>>;

    /// Numbers of all ranks one after the other, of which this rank has `own`.
    ///
    /// # Errors
    /// If a rank has failed.
    fn gather_numbers(&mut self, own: Vec<f64>) -> Result<Vec<f64>> {
        Ok(own)
    }

    /// A copy on the host of everything that training changes. It leaves out the implicit features, which are
    /// a function of the rest.
    ///
    /// # Errors
    /// If the device fails.
    fn state(&mut self) -> Result<State> {
        Sides::try_from_fn(|side| self.read_rows(side, 0..self.size(side)))
    }

    /// Replaces the engine's state by `state`.
    ///
    /// # Errors
    /// If the device fails.
    fn restore(&mut self, state: &State) -> Result<()> {
        Side::BOTH.into_iter().try_for_each(|side| self.write_rows(side, 0, &state[side]))
    }

    /// Saves everything that training changes, wherever that is cheapest.
    ///
    /// # Errors
    /// If the device fails.
    fn save(&mut self) -> Result<Saved> {
        self.state().map(Saved::Host)
    }

    /// Restores a saved state.
    ///
    /// # Errors
    /// If the device fails.
    fn go_back(&mut self, saved: &Saved) -> Result<()> {
        self.restore(&*saved.state()?)
    }
}

/// Some rows, by way of all from the first to the last.
fn take_covered<E: Engine + ?Sized>(engine: &mut E, side: Side, rows: &[u32]) -> Result<SideState> {
    let covered = covered(rows);
    Ok(engine.read_rows(side, covered.clone())?.picked(rows, covered.start))
}

/// Replaces some rows, by way of all from the first to the last.
fn put_covered<E: Engine + ?Sized>(engine: &mut E, side: Side, rows: &[u32], new: &SideState) -> Result<()> {
    let covered = covered(rows);
    let mut all = engine.read_rows(side, covered.clone())?;
    all.put(rows, covered.start, new);
    engine.write_rows(side, covered.start, &all)
}

/// The rows from the first to the last of a list.
fn covered(rows: &[u32]) -> Range<usize> {
    match rows {
        [] => 0..0,
        [first, .., last] => *first as usize..*last as usize + 1,
        [only] => *only as usize..*only as usize + 1,
    }
}

/// Adds the parts in their order.
fn fold(parts: Vec<f64>) -> f64 {
    parts.into_iter().sum()
}
