//! Whole operations with kernels: they upload data, bind and run kernels, and download the results.

pub(super) mod loss;
mod partial_sums;
mod pipelines;
pub(super) mod prediction;
pub(super) mod self_test;
pub(super) mod squared_error;
pub mod top_n;

pub use loss::Losses;
pub use pipelines::{implicit_pipeline, row_copy_pipeline, turn_pipeline};
pub use prediction::Predictions;
pub use squared_error::{FactorBuffers, SquaredError};
