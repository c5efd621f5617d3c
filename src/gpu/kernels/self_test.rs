//! Host twin of `shaders/self_test.wgsl` and `shaders/self_test_subgroup.wgsl`: random words, and their sums.

use crate::gpu::{Binding, Constant, Kernel, Twin, kernel::twin};
use bytemuck::{Pod, Zeroable};

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Params {
    /// The key of the random words.
    pub(crate) key: [u32; 2],
    /// The number of blocks of four words.
    pub(crate) count: u32,
    /// Padding: the size of the shader's struct is a multiple of its alignment, 8.
    pub(crate) unused: u32,
}

const TWIN: Twin = Twin { fields: &[("key", 0), ("count", 8)], ..twin!(Params { key, count }) };

pub(crate) static SELF_TEST: Kernel = Kernel {
    name: "self_test",
    source: include_str!("../../../shaders/self_test.wgsl"),
    bindings: &[Binding::Uniform("params"), Binding::ReadWrite("words"), Binding::ReadWrite("sums")],
    twins: &[TWIN],
    permutations: || [1, 2, 32, 64].map(|size| vec![("WORKGROUP", Constant::U32(size))]).to_vec(),
};

pub(crate) static SELF_TEST_SUBGROUP: Kernel = Kernel {
    name: "self_test_subgroup",
    source: include_str!("../../../shaders/self_test_subgroup.wgsl"),
    bindings: &[Binding::Uniform("params"), Binding::Read("words"), Binding::ReadWrite("totals")],
    twins: &[TWIN],
    permutations: || [1, 4, 8, 16, 32, 64].map(|lanes| vec![("LANES", Constant::U32(lanes))]).to_vec(),
};
