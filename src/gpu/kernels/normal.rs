//! Host twin of the row update by normal equations and of the sums it needs. `shaders/normal_sums.wgsl` is
//! put before `shaders/normal_part.wgsl`, and before `shaders/row_normal.wgsl` with
//! `row_normal_workgroup.wgsl` or `row_normal_scratch.wgsl` after it.

use super::row_sgd::State;
use super::turn::width;
use crate::gpu::{Binding, Constant, Gpu, Kernel, Twin, kernel::twin};
use bytemuck::{Pod, Zeroable};

/// A rating, seen from the row that is updated.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Rating {
    /// The row of the fixed side.
    pub other: u32,
    /// In standard units.
    pub value: f32,
}

/// The parameters of one side's sweep, or of sums over the rows of a side.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Params {
    /// The weight of a rating: one over the variance of its noise, in standard units.
    pub rating_weight: f32,
    /// The exponent of the weighting: a row's prior counts `activity^power` times.
    pub power: f32,
    /// The weight of the implicit features of the rated rows; 0 leaves them out.
    pub implicit_weight: f32,
    /// 0: sums over ratings. 1 and 2: sums over rows, all of weight 1, whose ratings are taken as 0 (1) or as
    /// their biases (2). 3: sums over ratings that are preferences.
    pub plain: u32,
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
    /// Rows of at most so many ratings are drawn by the noise of their ratings.
    pub longest_short: u32,
    /// Whether only the rows are solved that `row_short` has left.
    pub only_left: u32,
}

/// A row to update.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Entry {
    /// The row's number.
    pub row: u32,
    /// Where the row's ratings start.
    pub start: u32,
    /// Where the row's ratings end.
    pub end: u32,
    /// How many ratings the row has over all stages.
    pub activity: u32,
    /// The first of the parts into which the row's sums were divided.
    pub first_part: u32,
    /// The number of parts; 0 if the row's own workgroup computes the sums.
    pub parts: u32,
}

/// The ratings whose sums form one part.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Segment {
    /// Where the ratings start.
    pub start: u32,
    /// Where the ratings end.
    pub end: u32,
}

/// The largest number of tiles that an invocation sums at a time: 48 numbers in registers.
const MOST_EACH: usize = 3;

const SUMS: [Binding; 5] = [
    Binding::Uniform("params"),
    Binding::Read("ratings"),
    Binding::Read("still"),
    Binding::Read("fixed_states"),
    Binding::Read("implicit_rows"),
];

const fn behind_sums<const N: usize, const ALL: usize>(more: [Binding; N]) -> [Binding; ALL] {
    let mut all = [SUMS[0]; ALL];
    let mut n = 0;
    while n < ALL {
        all[n] = if n < SUMS.len() { SUMS[n] } else { more[n - SUMS.len()] };
        n += 1;
    }
    all
}

const ROW: [Binding; 5] = [
    Binding::Read("entries"),
    Binding::Read("parts"),
    Binding::Read("beliefs"),
    Binding::ReadWrite("own"),
    Binding::ReadWrite("own_states"),
];

const TWINS: &[Twin] = &[
    twin!(Params {
        rating_weight,
        power,
        implicit_weight,
        plain,
        measure,
        noise,
        key_low,
        key_high,
        draw,
        side,
        longest_short,
        only_left
    }),
    twin!(Rating { other, value }),
    twin!(State { bias, factor_sum, bias_sum, loss }),
    twin!(Entry { row, start, end, activity, first_part, parts }),
];

fn permutations() -> Vec<Vec<(&'static str, Constant)>> {
    let sizes = [1, 2, 3, 4, 5, 6, 7, 30, 31, 32, 64, 100, 128, 129, 255, 256, 512, 1024, 2048];
    sizes.map(|factors| Shape::new(factors, factors.next_multiple_of(4)).constants()).to_vec()
}

/// The sums over a segment.
pub static PART: Kernel = Kernel {
    name: "normal_part",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/normal_sums.wgsl"),
        include_str!("../../../shaders/normal_part.wgsl")
    ),
    bindings: &behind_sums::<2, 7>([Binding::Read("segments"), Binding::ReadWrite("parts")]),
    twins: &[TWINS[0], TWINS[1], TWINS[2], twin!(Segment { start, end })],
    permutations,
};

/// One row per workgroup, with its triangle in workgroup memory.
pub static WORKGROUP: Kernel = Kernel {
    name: "row_normal_workgroup",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/normal_sums.wgsl"),
        include_str!("../../../shaders/row_normal.wgsl"),
        include_str!("../../../shaders/row_normal_workgroup.wgsl")
    ),
    bindings: &behind_sums::<5, 10>(ROW),
    twins: TWINS,
    permutations,
};

/// One row per workgroup, with its triangle in device memory.
pub static SCRATCH: Kernel = Kernel {
    name: "row_normal_scratch",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/normal_sums.wgsl"),
        include_str!("../../../shaders/row_normal.wgsl"),
        include_str!("../../../shaders/row_normal_scratch.wgsl")
    ),
    bindings: &behind_sums::<6, 11>([ROW[0], ROW[1], ROW[2], ROW[3], ROW[4], Binding::ReadWrite("scratch")]),
    twins: TWINS,
    permutations,
};

/// How the equations of rows of `factors` numbers are cut into tiles, and how the tiles are assigned to a
/// workgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The number of factors.
    pub factors: usize,
    /// The distance between the starts of two rows, in numbers.
    pub stride: usize,
    tiles: usize,
    /// The number of invocations in a workgroup.
    pub workgroup: usize,
}

impl Shape {
    /// The shape of rows of `factors` numbers that lie `stride` numbers apart.
    pub fn new(factors: usize, stride: usize) -> Self {
        let tiles = (factors + 2).div_ceil(4);
        let triangle = tiles * (tiles + 1) / 2;
        let workgroup = triangle.div_ceil(MOST_EACH).next_power_of_two().clamp(32, 256);
        let workgroup = workgroup.max((stride / 4).next_power_of_two());
        Self { factors, stride, tiles, workgroup }
    }

    /// The number of ratings held in workgroup memory at a time.
    fn batch(&self) -> usize {
        (512 / self.tiles).clamp(4, 16).min(1536 / self.tiles)
    }

    fn triangle(&self) -> usize {
        self.tiles * (self.tiles + 1) / 2
    }

    /// The number of quads in the triangle of one row's equations.
    pub fn equations(&self) -> usize {
        4 * self.triangle()
    }

    /// The number of quads in the priors: two triangles, and what turns the noise of a short row.
    pub fn beliefs(&self) -> usize {
        2 * self.equations() + (self.factors + 1) * width(self.factors)
    }

    /// A matrix of `factors + 1` rows as the kernel multiplies by it.
    pub fn padded(&self, entry: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        let (size, width) = (self.factors + 1, 4 * width(self.factors));
        let mut numbers = vec![0.0; size * width];
        for (row, numbers) in numbers.chunks_exact_mut(width).enumerate() {
            numbers[..size].iter_mut().enumerate().for_each(|(column, number)| *number = entry(row, column));
        }
        numbers
    }

    /// The number of quads in a part.
    pub fn part(&self) -> usize {
        self.equations() + self.tiles
    }

    /// Whether the triangle fits in workgroup memory together with the kernel's other arrays.
    pub fn fits(&self, gpu: &Gpu) -> bool {
        let quads = self.equations() + (self.batch() + 4 + 4) * self.tiles;
        quads * 16 + self.workgroup * 8 + 4 <= gpu.limits().max_compute_workgroup_storage_size as usize
    }

    /// The kernels' constants for this shape.
    pub fn constants(&self) -> Vec<(&'static str, Constant)> {
        let each = self.triangle().div_ceil(self.workgroup).min(MOST_EACH);
        let number = |number: usize| Constant::U32(number as u32);
        vec![
            ("FACTORS", number(self.factors)),
            ("STRIDE", number(self.stride)),
            ("WORKGROUP", number(self.workgroup)),
            ("EACH", number(each)),
            ("BATCH", number(self.batch())),
            ("PASSES", number(self.triangle().div_ceil(self.workgroup * each))),
        ]
    }

    /// A symmetric belief as tiles. `entry(row, column)` is called only for rows up to their column, and for
    /// columns up to `factors + 1`, where the right-hand side is.
    pub fn tiled(&self, entry: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        let mut numbers = vec![0.0; 4 * self.equations()];
        for column in 0..self.factors + 2 {
            for row in 0..=column.min(self.factors) {
                numbers[self.place(row, column)] = entry(row, column);
                if row / 4 == column / 4 && column <= self.factors {
                    // Tiles on the diagonal are stored whole.
                    numbers[self.place(column, row)] = entry(row, column);
                }
            }
        }
        numbers
    }

    /// The position of entry (`row`, `column`) in the tiles; `row / 4` must be at most `column / 4`.
    pub fn place(&self, row: usize, column: usize) -> usize {
        let (a, b) = (row / 4, column / 4);
        16 * (b * (b + 1) / 2 + a) + 4 * (row % 4) + column % 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_hold_every_entry_once() {
        for factors in [1, 2, 3, 4, 30] {
            let shape = Shape::new(factors, factors.next_multiple_of(4));
            let tiled = shape.tiled(|row, column| (100 * row + column + 1) as f32);
            for column in 0..factors + 2 {
                for row in 0..=column.min(factors) {
                    let found = tiled[shape.place(row, column)];
                    assert!((found - (100 * row + column + 1) as f32).abs() < 0.5, "{row} {column}: {found}");
                }
            }
        }
    }
}
