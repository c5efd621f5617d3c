//! Host twin of `shaders/row_copy.wgsl`: some rows packed behind each other, and put back.

use super::row_sgd::State;
use crate::gpu::{Binding, Constant, Kernel, kernel::twin};
use bytemuck::{Pod, Zeroable};

/// The parameters of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Params {
    /// The number of rows.
    pub count: u32,
}

/// Rows to a buffer of their own, or back.
pub static ROW_COPY: Kernel = Kernel {
    name: "row_copy",
    source: include_str!("../../../shaders/row_copy.wgsl"),
    bindings: &[
        Binding::Uniform("params"),
        Binding::Read("rows"),
        Binding::Read("source"),
        Binding::Read("source_states"),
        Binding::ReadWrite("goal"),
        Binding::ReadWrite("goal_states"),
    ],
    twins: &[twin!(Params { count }), twin!(State { bias, factor_sum, bias_sum, loss })],
    permutations: || {
        [4, 8, 64, 132, 4096]
            .iter()
            .flat_map(|&stride| [false, true].map(|back| constants(stride, back)))
            .collect()
    },
};

/// The number of workgroups for so many rows.
pub fn workgroups(stride: usize, rows: usize) -> usize {
    (rows * stride / 4).div_ceil(64)
}

/// The kernel's constants for rows that lie `stride` numbers apart.
pub fn constants(stride: usize, back: bool) -> Vec<(&'static str, Constant)> {
    vec![("QUADS", Constant::U32((stride / 4) as u32)), ("BACK", Constant::U32(back.into()))]
}
