//! The definitions of the kernels: `NAME.rs` in this folder is the host twin of `shaders/NAME.wgsl`. Each
//! kernel in [`ALL`] is validated in every permutation, compared with its host twin, and trusted if the
//! device was opened without checks.

mod all;
pub mod descend;
pub mod implicit;
pub(super) mod loss;
pub mod normal;
pub(super) mod prediction;
pub mod row_copy;
pub mod row_sgd;
mod row_shape;
pub(super) mod self_test;
pub mod short;
pub(super) mod squared_error;
pub(super) mod top_n;
pub mod turn;

pub use all::ALL;
pub(crate) use all::pipeline;

#[cfg(test)]
mod tests;
