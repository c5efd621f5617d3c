//! Host twin of `shaders/implicit.wgsl`: implicit features, one row per workgroup.

use super::normal::{Entry, Rating};
use crate::gpu::{Binding, Constant, Kernel, kernel::twin};

/// The implicit features of all rows.
pub static IMPLICIT: Kernel = Kernel {
    name: "implicit",
    source: include_str!("../../../shaders/implicit.wgsl"),
    bindings: &[
        Binding::Read("entries"),
        Binding::Read("ratings"),
        Binding::Read("still"),
        Binding::Read("numbers"),
        Binding::ReadWrite("implicit_rows"),
    ],
    twins: &[twin!(Entry { row, start, end, activity, first_part, parts }), twin!(Rating { other, value })],
    permutations: || [1, 4, 5, 32, 100, 128, 256, 512].map(|k| constants(k, k.next_multiple_of(4))).to_vec(),
};

/// The kernel's constants for rows of `factors` numbers that lie `stride` numbers apart.
pub(crate) fn constants(factors: usize, stride: usize) -> Vec<(&'static str, Constant)> {
    let quads = stride / 4;
    let workgroup = quads * (64 / quads).max(1);
    let number = |number: usize| Constant::U32(number as u32);
    vec![("FACTORS", number(factors)), ("STRIDE", number(stride)), ("WORKGROUP", number(workgroup))]
}
