//! Host twin of `shaders/row_short.wgsl`: the row update with an unknown for each rating, several rows per
//! workgroup.

use super::normal::{Entry, Rating};
use super::row_sgd::State;
use super::turn::width;
use crate::gpu::{Binding, Constant, Gpu, Kernel, kernel::twin};
use bytemuck::{Pod, Zeroable};

/// The parameters of one side's sweep.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Params {
    /// The precision of a rating of weight 1.
    pub rating_weight: f32,
    /// The exponent of the weighting: a row's prior counts `activity^power` times.
    pub power: f32,
    /// The weight of the implicit features of the rated rows; 0 leaves them out.
    pub implicit_weight: f32,
    /// Whether ratings are preferences.
    pub preferences: u32,
    /// Whether the squared errors of the new row are summed.
    pub measure: u32,
    /// Whether the row is sampled from its posterior; otherwise the most likely row is taken.
    pub noise: u32,
    /// The low word of the key of a sample's random numbers.
    pub key_low: u32,
    /// The high word of that key.
    pub key_high: u32,
    /// The number of the sample.
    pub draw: u32,
    /// 0 for users, 1 for items.
    pub side: u32,
}

/// The solution of rows with few ratings.
pub static SHORT: Kernel = Kernel {
    name: "row_short",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/row_short.wgsl")
    ),
    bindings: &[
        Binding::Uniform("params"),
        Binding::Read("ratings"),
        Binding::Read("still"),
        Binding::Read("fixed_states"),
        Binding::Read("implicit_rows"),
        Binding::Read("entries"),
        Binding::Read("priors"),
        Binding::ReadWrite("own"),
        Binding::ReadWrite("own_states"),
    ],
    twins: &[
        twin!(Params {
            rating_weight,
            power,
            implicit_weight,
            preferences,
            measure,
            noise,
            key_low,
            key_high,
            draw,
            side
        }),
        twin!(Rating { other, value }),
        twin!(State { bias, factor_sum, bias_sum, loss }),
        twin!(Entry { row, start, end, activity, first_part, parts }),
    ],
    permutations: || {
        let sizes = [1, 3, 4, 31, 64, 129, 2048];
        let all = sizes.iter().flat_map(|&k: &usize| {
            let of = move |team: &Team| {
                [false, true].map(|turned| team.constants(k, k.next_multiple_of(8), turned))
            };
            TEAMS.iter().flat_map(of)
        });
        all.collect()
    },
};

/// How rows of some lengths are assigned to a workgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Team {
    /// The most ratings of a row.
    pub capacity: usize,
    /// The number of invocations of a row.
    size: usize,
    /// The number of rows of a workgroup.
    pub rows: usize,
}

/// The teams, for ever longer rows.
pub const TEAMS: [Team; 6] = [
    Team { capacity: 4, size: 4, rows: 16 },
    Team { capacity: 8, size: 8, rows: 8 },
    Team { capacity: 16, size: 16, rows: 4 },
    Team { capacity: 32, size: 64, rows: 1 },
    Team { capacity: 64, size: 128, rows: 1 },
    Team { capacity: 96, size: 128, rows: 1 },
];

impl Team {
    /// Whether the triangle fits in workgroup memory together with the kernel's other arrays.
    pub fn fits(&self, gpu: &Gpu) -> bool {
        let row = self.capacity * (self.capacity + 1) / 2 + self.capacity * (7 + 16) + 2 * 16 + 1;
        4 * (self.rows * row + 1) <= gpu.limits().max_compute_workgroup_storage_size as usize
    }

    /// The number of invocations in a workgroup.
    pub fn workgroup(&self) -> usize {
        self.size * self.rows
    }

    /// The kernel's constants for rows of `factors` numbers that lie `stride` numbers apart.
    pub fn constants(&self, factors: usize, stride: usize, is_turned: bool) -> Vec<(&'static str, Constant)> {
        let number = |number: usize| Constant::U32(number as u32);
        let tiles = self.capacity / 4;
        let row = if is_turned { width(factors) } else { stride / 4 };
        vec![
            ("FACTORS", number(factors)),
            ("ROW", number(row)),
            ("TURNED", number(is_turned.into())),
            ("CAPACITY", number(self.capacity)),
            ("TEAM", number(self.size)),
            ("ROWS", number(self.rows)),
            ("EACH", number((tiles * (tiles + 1) / 2).div_ceil(self.size))),
        ]
    }
}
