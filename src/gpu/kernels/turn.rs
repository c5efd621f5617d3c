//! Host twin of `shaders/row_turn.wgsl`: rows in the coordinates of a sweep, and back.

use super::row_sgd::State;
use crate::gpu::{Binding, Constant, Kernel, kernel::twin};
use bytemuck::{Pod, Zeroable};

/// The parameters of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Params {
    /// The last number of each row on the way there.
    pub one: f32,
    /// The number of rows.
    pub count: u32,
}

/// Rows that a workgroup turns.
const ROWS: usize = 32;

/// Quads of a row that a workgroup turns.
const COLUMNS: usize = 8;

/// Rows times a matrix.
pub static TURN: Kernel = Kernel {
    name: "row_turn",
    source: include_str!("../../../shaders/row_turn.wgsl"),
    bindings: &[
        Binding::Uniform("params"),
        Binding::Read("rows"),
        Binding::Read("matrix"),
        Binding::Read("source"),
        Binding::ReadWrite("goal"),
        Binding::ReadWrite("states"),
    ],
    twins: &[twin!(Params { one, count }), twin!(State { bias, factor_sum, bias_sum, loss })],
    permutations: || {
        let sizes = [1, 3, 4, 31, 32, 64, 129, 2048];
        sizes
            .iter()
            .flat_map(|&k: &usize| [false, true].map(|back| constants(k, k.next_multiple_of(8), back)))
            .collect()
    },
};

/// The quads of a row in the coordinates of a sweep: its factors and a last number.
pub fn width(factors: usize) -> usize {
    (factors + 1).div_ceil(4)
}

/// The number of workgroups that turn so many rows.
pub fn workgroups(factors: usize, rows: usize) -> usize {
    rows.div_ceil(ROWS) * width(factors).div_ceil(COLUMNS)
}

/// The kernel's constants for rows of `factors` numbers that lie `stride` numbers apart.
pub fn constants(factors: usize, stride: usize, back: bool) -> Vec<(&'static str, Constant)> {
    let number = |number: usize| Constant::U32(number as u32);
    let (here, there) = (number(stride / 4), number(width(factors)));
    let (from, to) = if back { (there, here) } else { (here, there) };
    vec![("FACTORS", number(factors)), ("IN", from), ("OUT", to), ("BACK", number(back.into()))]
}
