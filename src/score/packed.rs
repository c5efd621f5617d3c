//! Rows of numbers, interleaved in groups for the inner loop of products: `numbers[group][factor][row of
//! group]`.

use crate::math::{LINE, Lines};
use rayon::prelude::*;

/// Packed rows. The last group is padded with rows of zeros.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    rows: usize,
    width: usize,
    group: usize,
    numbers: Lines,
}

impl Packed {
    /// Packs `rows` rows of `width` numbers in groups of `group`; `fill` writes a row, given its number.
    pub(super) fn new(
        (rows, width, group): (usize, usize, usize),
        fill: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Self {
        let size = (width * group).next_multiple_of(LINE);
        let mut numbers = Lines::zeros(size * rows.div_ceil(group));
        if width > 0 {
            numbers.par_chunks_mut(size).enumerate().for_each_init(
                || vec![0.0; width],
                |row, (at, numbers)| {
                    for lane in 0..group.min(rows - at * group) {
                        fill(at * group + lane, row);
                        for (places, &number) in numbers.chunks_exact_mut(group).zip(row.iter()) {
                            places[lane] = number;
                        }
                    }
                },
            );
        }
        Self { rows, width, group, numbers }
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The numbers in a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The rows in a group.
    pub(super) fn group(&self) -> usize {
        self.group
    }

    /// The number of groups.
    pub(super) fn groups(&self) -> usize {
        self.rows.div_ceil(self.group)
    }

    /// All numbers, group after group. Groups must be a multiple of 16 rows, so that they fill whole lines.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "what a GPU is given"))]
    pub(super) fn all(&self) -> &[f32] {
        debug_assert!(self.group.is_multiple_of(LINE), "groups without gaps");
        &self.numbers
    }

    /// The numbers of a group, starting with those of the first factor.
    pub(super) fn numbers(&self, group: usize) -> &[f32] {
        let size = self.width * self.group;
        &self.numbers[group * size.next_multiple_of(LINE)..][..size]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lie_side_by_side() {
        let fill = |row: usize, numbers: &mut [f32]| {
            numbers.iter_mut().enumerate().for_each(|(n, number)| *number = (10 * row + n) as f32);
        };
        let packed = Packed::new((3, 2, 2), fill);
        assert_eq!((packed.rows(), packed.width(), packed.group(), packed.groups()), (3, 2, 2, 2));
        assert_eq!(packed.numbers(0), [0.0, 10.0, 1.0, 11.0]);
        assert_eq!(packed.numbers(1), [20.0, 0.0, 21.0, 0.0]);
        assert_eq!(Packed::new((0, 2, 2), fill).groups(), 0);
        assert_eq!(Packed::new((3, 0, 2), fill).numbers(1), [0.0; 0]);
    }
}
