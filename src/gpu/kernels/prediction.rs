//! Host twin of `shaders/prediction.wgsl`: a prediction for each pair of a list.

use super::row_sgd::State;
use crate::gpu::{Binding, Constant, Kernel, kernel::twin};
use bytemuck::{Pod, Zeroable};

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Pair {
    pub(crate) user: u32,
    pub(crate) item: u32,
}

pub(crate) static KERNEL: Kernel = Kernel {
    name: "prediction",
    source: include_str!("../../../shaders/prediction.wgsl"),
    bindings: &[
        Binding::Read("users"),
        Binding::Read("items"),
        Binding::Read("user_states"),
        Binding::Read("item_states"),
        Binding::Read("pairs"),
        Binding::ReadWrite("predictions"),
    ],
    twins: &[twin!(Pair { user, item }), twin!(State { bias, factor_sum, bias_sum, loss })],
    permutations: || [4, 32, 132].map(|n| vec![("STRIDE", Constant::U32(n))]).to_vec(),
};
