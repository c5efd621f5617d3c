//! Host twin of `shaders/loss.wgsl`: the sum of the losses of rows.

use super::row_sgd::State;
use crate::gpu::{Binding, Kernel, kernel::twin};
use bytemuck::{Pod, Zeroable};

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Params {
    pub(crate) count: u32,
}

pub(crate) static KERNEL: Kernel = Kernel {
    name: "loss",
    source: concat!(
        include_str!("../../../shaders/partial_sums.wgsl"),
        include_str!("../../../shaders/loss.wgsl")
    ),
    bindings: &[Binding::Uniform("params"), Binding::Read("states"), Binding::ReadWrite("sums")],
    twins: &[twin!(Params { count }), twin!(State { bias, factor_sum, bias_sum, loss })],
    permutations: || vec![Vec::new()],
};
