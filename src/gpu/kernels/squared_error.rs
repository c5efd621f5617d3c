//! Host twin of `shaders/squared_error.wgsl`: the sum of squared errors over a list of ratings.

use super::row_sgd::State;
use crate::gpu::{Binding, Constant, Kernel, kernel::twin};
use bytemuck::{Pod, Zeroable};

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Params {
    pub(crate) count: u32,
    pub(crate) low: f32,
    pub(crate) high: f32,
}

/// A rating whose row numbers count from the start of its tile.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Rating {
    pub(crate) user: u32,
    pub(crate) item: u32,
    pub(crate) value: f32,
}

pub(crate) static KERNEL: Kernel = Kernel {
    name: "squared_error",
    source: concat!(
        include_str!("../../../shaders/partial_sums.wgsl"),
        include_str!("../../../shaders/squared_error.wgsl")
    ),
    bindings: &[
        Binding::Uniform("params"),
        Binding::Read("users"),
        Binding::Read("items"),
        Binding::Read("user_states"),
        Binding::Read("item_states"),
        Binding::Read("ratings"),
        Binding::ReadWrite("sums"),
    ],
    twins: &[
        twin!(Params { count, low, high }),
        twin!(Rating { user, item, value }),
        twin!(State { bias, factor_sum, bias_sum, loss }),
    ],
    permutations: || [4, 8, 12, 32, 64, 128, 132].map(|n| vec![("STRIDE", Constant::U32(n))]).to_vec(),
};
