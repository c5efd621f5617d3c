//! The kernels: `NAME.rs` here is the host twin of `shaders/NAME.wgsl`. A kernel in [`ALL`] is validated in
//! every permutation, compared with its host twin, and trusted where the device was opened without checks.

pub mod normal;
pub mod row_sgd;
pub mod view;

use super::Kernel;
use super::operations::{loss, prediction, self_test, squared_error, top_n};

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
