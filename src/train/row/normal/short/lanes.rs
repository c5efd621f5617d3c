//! Equations of several rows of one length, solved together: each row has a lane of its own. So none waits
//! for the roots and divisions of another.

use super::system::System;
use crate::math::Lines;
use pulp::Simd;

/// The largest number of ratings of rows that are solved together. Longer ones fill the lanes by themselves.
pub(super) const SMALL: usize = 8;

/// The most rows that are solved together, one a lane of the widest vectors.
pub(super) const MOST_LANES: usize = 16;

/// The columns of an equation: the unknowns and the right-hand side.
const COLUMNS: usize = SMALL + 1;

/// The entries of a triangle, a vector each, with one lane a row.
#[derive(Debug, Clone)]
pub(super) struct Lanes {
    upper: Lines,
}

impl Lanes {
    pub(super) fn new() -> Self {
        Self { upper: Lines::zeros(SMALL * COLUMNS * MOST_LANES) }
    }

    /// Solves the equations of all systems, each of `count` unknowns. Their triangles stay as they are.
    #[inline(always)]
    pub(super) fn solve<S: Simd>(&mut self, simd: S, systems: &mut [System], count: usize) {
        match count {
            1 => self.of::<S, 1>(simd, systems),
            2 => self.of::<S, 2>(simd, systems),
            3 => self.of::<S, 3>(simd, systems),
            4 => self.of::<S, 4>(simd, systems),
            5 => self.of::<S, 5>(simd, systems),
            6 => self.of::<S, 6>(simd, systems),
            7 => self.of::<S, 7>(simd, systems),
            _ => self.of::<S, SMALL>(simd, systems),
        }
    }

    #[inline(always)]
    fn of<S: Simd, const N: usize>(&mut self, simd: S, systems: &mut [System]) {
        let lanes = S::F32_LANES;
        for row in 0..N {
            for column in row..=N {
                let entries = &mut self.upper[(row * COLUMNS + column) * lanes..][..lanes];
                for (entry, system) in entries.iter_mut().zip(&*systems) {
                    *entry = system.upper[row * system.width + column];
                }
            }
            // Rows that do not exist have the equation x = 0, so that nothing is divided by zero.
            for (lane, entry) in self.upper[(row * COLUMNS + row) * lanes..][..lanes].iter_mut().enumerate() {
                if lane >= systems.len() {
                    *entry = 1.0;
                }
            }
        }
        let upper = S::as_mut_simd_f32s(&mut self.upper).0;
        let one = simd.splat_f32s(1.0);
        let mut inverse = [one; N];
        for i in 0..N {
            // Each pivot is at least 1.
            inverse[i] = simd.div_f32s(one, simd.sqrt_f32s(upper[i * COLUMNS + i]));
            for column in i..=N {
                upper[i * COLUMNS + column] = simd.mul_f32s(inverse[i], upper[i * COLUMNS + column]);
            }
            for row in i + 1..N {
                let factor = simd.neg_f32s(upper[i * COLUMNS + row]);
                for column in row..=N {
                    let above = upper[i * COLUMNS + column];
                    let entry = &mut upper[row * COLUMNS + column];
                    *entry = simd.mul_add_e_f32s(factor, above, *entry);
                }
            }
        }
        let mut solution = [one; N];
        for i in (0..N).rev() {
            let mut rest = upper[i * COLUMNS + N];
            for column in i + 1..N {
                let entry = simd.neg_f32s(upper[i * COLUMNS + column]);
                rest = simd.mul_add_e_f32s(entry, solution[column], rest);
            }
            solution[i] = simd.mul_f32s(rest, inverse[i]);
            upper[i * COLUMNS + N] = solution[i];
        }
        for i in 0..N {
            let found = &self.upper[(i * COLUMNS + N) * lanes..][..lanes];
            for (system, &found) in systems.iter_mut().zip(found) {
                system.solution[i] = found;
            }
        }
    }
}
