//! The update of a row: the CPU form of each algorithm, and the parameters of a sweep.

pub mod normal;
mod objective;
pub mod sgd;
mod state;

pub use objective::Target;
pub use state::RowState;

/// The update of a sweep, which is applied to each row.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Stochastic gradient steps.
    Sgd(sgd::Numbers),
    /// The solution of the normal equations, or a draw from the Gaussian posterior around it. The problem
    /// must have one stage.
    Normal(normal::Numbers),
}
