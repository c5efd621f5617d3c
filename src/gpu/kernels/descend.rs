//! Host twin of `shaders/row_descend.wgsl`: the row update by conjugate gradients, one row per workgroup.

use super::normal::{Entry, Rating};
use super::row_sgd::State;
use crate::gpu::{Binding, Constant, Kernel, kernel::twin};
use bytemuck::{Pod, Zeroable};

/// The parameters of one side's sweep.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Params {
    /// The precision of a rating of weight 1.
    pub rating_weight: f32,
    /// The exponent of the weighting: a row's prior counts `activity^power` times.
    pub power: f32,
    /// The number of steps.
    pub steps: u32,
    /// Whether the squared errors of the new row are summed.
    pub measure: u32,
    /// The weight of the implicit features of the rated rows; 0 leaves them out.
    pub implicit_weight: f32,
    /// Whether ratings are preferences, which no bias explains.
    pub preferences: u32,
    /// Whether the shared matrix has entries.
    pub dense: u32,
}

/// A few steps towards the solution of the equations of all rows.
pub static DESCEND: Kernel = Kernel {
    name: "row_descend",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/row_descend.wgsl")
    ),
    bindings: &[
        Binding::Uniform("params"),
        Binding::Read("ratings"),
        Binding::Read("still"),
        Binding::Read("fixed_states"),
        Binding::Read("entries"),
        Binding::Read("terms"),
        Binding::ReadWrite("own"),
        Binding::ReadWrite("own_states"),
        Binding::Read("implicit_rows"),
    ],
    twins: &[
        twin!(Params { rating_weight, power, steps, measure, implicit_weight, preferences, dense }),
        twin!(Rating { other, value }),
        twin!(State { bias, factor_sum, bias_sum, loss }),
        twin!(Entry { row, start, end, activity, first_part, parts }),
    ],
    permutations: || {
        let sizes = [1, 2, 4, 5, 16, 30, 33, 64, 100, 128, 129, 256, 512, 516, 1024, 1025, 2048];
        sizes.map(|factors| Shape::new(factors, factors.next_multiple_of(4)).constants()).to_vec()
    },
};

/// How the columns of rows are assigned to a workgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    factors: usize,
    stride: usize,
    /// The number of invocations that own different columns.
    columns: usize,
}

impl Shape {
    /// The largest number of columns with an invocation of their own; in longer rows an invocation has
    /// several.
    const MOST_COLUMNS: usize = 256;

    /// The number of ratings that are multiplied together.
    const BATCH: usize = 32;

    /// The shape of rows of `factors` numbers that lie `stride` numbers apart.
    pub fn new(factors: usize, stride: usize) -> Self {
        let columns = factors.div_ceil(4).next_power_of_two().min(Self::MOST_COLUMNS);
        Self { factors, stride, columns }
    }

    /// The number of factors.
    pub fn factors(&self) -> usize {
        self.factors
    }

    /// The number of invocations in a workgroup.
    pub fn workgroup(&self) -> usize {
        self.columns.max(128)
    }

    /// The kernel's constants for this shape.
    pub fn constants(&self) -> Vec<(&'static str, Constant)> {
        let number = |number: usize| Constant::U32(number as u32);
        vec![
            ("FACTORS", number(self.factors)),
            ("STRIDE", number(self.stride)),
            ("WORKGROUP", number(self.workgroup())),
            ("COLUMNS", number(self.columns)),
            ("BATCH", number(Self::BATCH)),
        ]
    }

    /// The number of numbers in the shared equations.
    pub fn terms_len(&self) -> usize {
        let width = self.factors.next_multiple_of(4);
        width * (width + 3) + 4
    }

    /// The shared equations as the kernel reads them: the matrix, whose rows are `row(0)`, `row(1)`, and so
    /// on; three vectors: the pull, the diagonal of the prior, the prior's pull; and four numbers for the
    /// bias. What lies beyond the factors is left out.
    pub fn terms<'a>(
        &self,
        row: impl Fn(usize) -> &'a [f32],
        vectors: [&[f32]; 3],
        bias: [f32; 4],
    ) -> Vec<f32> {
        let width = self.factors.next_multiple_of(4);
        let mut numbers = vec![0.0; self.terms_len()];
        let (matrix, rest) = numbers.split_at_mut(width * width);
        for (n, numbers) in matrix.chunks_exact_mut(width).take(self.factors).enumerate() {
            numbers[..self.factors].copy_from_slice(&row(n)[..self.factors]);
        }
        for (vector, numbers) in vectors.into_iter().zip(rest.chunks_exact_mut(width)) {
            numbers[..self.factors].copy_from_slice(&vector[..self.factors]);
        }
        rest[3 * width..].copy_from_slice(&bias);
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_padded_with_zeros() {
        let rows = [[1.0, 2.0, 9.0], [3.0, 4.0, 9.0]];
        let terms =
            Shape::new(2, 4).terms(|row| &rows[row], [&[5.0, 6.0, 9.0], &[7.0; 3], &[8.0; 2]], [9.0; 4]);
        let expected: [[f32; 4]; 8] = [
            [1.0, 2.0, 0.0, 0.0],
            [3.0, 4.0, 0.0, 0.0],
            [0.0; 4],
            [0.0; 4],
            [5.0, 6.0, 0.0, 0.0],
            [7.0, 7.0, 0.0, 0.0],
            [8.0, 8.0, 0.0, 0.0],
            [9.0; 4],
        ];
        assert_eq!(terms, expected.concat());
    }
}
