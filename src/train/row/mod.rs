//! What happens in a row: the CPU form of each algorithm, and its numbers for a sweep.

pub mod normal;
mod objective;
pub mod sgd;
mod state;

pub use state::RowState;

/// What a sweep does to each row.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Stochastic gradient steps.
    Sgd(sgd::Numbers),
    /// The solution of the normal equations, or a draw around it; the problem must be of one stage.
    Normal(normal::Numbers),
}
