//! The kernels: `NAME.rs` here is the host twin of `shaders/NAME.wgsl`. A kernel in [`ALL`] is validated in
//! every permutation, compared with its host twin, and trusted where the device was opened without checks.

mod loss;
pub mod normal;
mod partial_sums;
mod prediction;
pub mod row_sgd;
pub(super) mod self_test;
mod squared_error;
pub mod top_n;
pub mod view;

use super::Kernel;
pub use loss::Losses;
pub use prediction::Predictions;
pub use squared_error::{FactorBuffers, SquaredError};

/// All kernels.
pub static ALL: &[&Kernel] = &[
    &self_test::SELF_TEST,
    &self_test::SELF_TEST_SUBGROUP,
    &squared_error::KERNEL,
    &loss::KERNEL,
    &row_sgd::SINGLE,
    &row_sgd::TEXTURE,
    &row_sgd::QUADS,
    &row_sgd::OCTETS,
    &row_sgd::HALVES,
    &normal::PART,
    &normal::WORKGROUP,
    &normal::SCRATCH,
    &view::VIEW,
    &prediction::KERNEL,
    &top_n::KERNEL,
];

#[cfg(test)]
mod tests;
