//! Host twin of `shaders/top_n.wgsl`: the best items of each user.

use crate::gpu::{Binding, Kernel, kernel::twin};
use bytemuck::{Pod, Zeroable};

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Params {
    pub(crate) width: u32,
    pub(crate) count: u32,
    pub(crate) user_groups: u32,
    pub(crate) parts: u32,
    pub(crate) items: u32,
    pub(crate) first: u32,
    pub(crate) begin: u32,
    pub(crate) end: u32,
}

/// A candidate.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Entry {
    /// Its score, encoded as a word so that a greater score is a greater word.
    pub(crate) ordered: u32,
    pub(crate) item: u32,
}

pub(crate) static KERNEL: Kernel = Kernel {
    name: "top_n",
    source: include_str!("../../../shaders/top_n.wgsl"),
    bindings: &[
        Binding::Uniform("params"),
        Binding::Read("users"),
        Binding::Read("items"),
        Binding::Read("starts"),
        Binding::Read("seen"),
        Binding::ReadWrite("candidates"),
        Binding::ReadWrite("lists"),
        Binding::ReadWrite("lengths"),
    ],
    twins: &[twin!(Params { width, count, user_groups, parts, items, first, begin, end })],
    permutations: || vec![Vec::new()],
};
