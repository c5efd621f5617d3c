//! The list of all kernels, and the only function that lets a kernel run without checks.

use super::{
    descend, implicit, loss, normal, prediction, row_copy, row_sgd, self_test, short, squared_error, top_n,
    turn,
};
use crate::Result;
use crate::gpu::{Checks, Constant, Gpu, Kernel, Pipeline};

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
    &short::SHORT,
    &turn::TURN,
    &row_copy::ROW_COPY,
    &descend::DESCEND,
    &implicit::IMPLICIT,
    &prediction::KERNEL,
    &top_n::KERNEL,
];

/// Compiles a kernel with these constants, checked or trusted as the device's options say. A kernel that is
/// not in [`ALL`] is always checked, because the tests walk only that list.
///
/// # Errors
/// [`Error::Device`](crate::Error::Device) with the compiler's message when the source is wrong or the driver
/// refuses it.
pub(crate) fn pipeline(
    gpu: &Gpu,
    kernel: &'static Kernel,
    constants: &[(&'static str, Constant)],
) -> Result<Pipeline> {
    let known = ALL.iter().any(|known| std::ptr::eq(*known, kernel));
    kernel.compile(gpu, constants, if known { gpu.checks() } else { Checks::On })
}
