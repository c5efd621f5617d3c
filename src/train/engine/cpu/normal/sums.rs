//! Sums over the ratings of a row, over the rows of a side, and implicit features.

use crate::comm::Share;
use crate::math::Lines;
use crate::ratings::{CellSlice, Rows};
use crate::train::engine::cpu::padded::Padded;
use crate::train::engine::{MomentParts, Vectors};
use crate::train::row::normal::{FixedSide, Gather, ImplicitNumbers, MakeImplicit, Sums};
use crate::train::row::{RowState, Target};
use pulp::Arch;
use rayon::prelude::*;

/// A row with more ratings is summed in parts of this many ratings, in parallel.
const SEGMENT: usize = 16_384;

/// The number of rows in a partial sum of moments. It is fixed, so that the sum does not depend on the number
/// of threads.
const PART: usize = 2048;

/// The sums over the ratings of one row; a long row is summed in parts. Something may be added to the
/// values of a shorter one.
pub(super) fn gather(
    arch: Arch,
    fixed: FixedSide,
    (ratings, target): (CellSlice, Target),
    shifts: &[f32],
    sums: &mut Sums,
) {
    sums.clear();
    if ratings.len() <= SEGMENT || !shifts.is_empty() {
        arch.dispatch(Gather { fixed, ratings, target, shifts, sums });
        return;
    }
    let parts = in_parts(arch, fixed, (ratings, target), SEGMENT);
    parts.iter().for_each(|part| sums.add(part));
}

/// The sums over consecutive parts of `size` ratings each.
fn in_parts(arch: Arch, fixed: FixedSide, (ratings, target): (CellSlice, Target), size: usize) -> Vec<Sums> {
    let part = |start: usize| {
        let mut sums = Sums::new(fixed.factors);
        let ratings = ratings.part(start..ratings.len().min(start + size));
        arch.dispatch(Gather { fixed, ratings, target, shifts: &[], sums: &mut sums });
        sums
    };
    (0..ratings.len()).into_par_iter().step_by(size).map(part).collect()
}

/// Partial sums over a rank's part of the rows of a list. Each row comes with the share of the other side's rows
/// that rated it.
pub(in crate::train::engine::cpu) fn moment_parts(
    arch: Arch,
    side: &Padded,
    vectors: Vectors,
    ((rows, shares), rank): (&(Vec<u32>, Vec<f32>), Share),
    factors: usize,
) -> MomentParts {
    let plain: Vec<RowState>;
    let fixed = match vectors {
        Vectors::Factors => {
            // All rows count alike here, whatever their weight.
            plain = side.rows.iter().map(|row| RowState { bias: row.bias, ..RowState::default() }).collect();
            FixedSide { factors, rows: &side.factors, states: &plain, implicit: &[] }
        }
        Vectors::Implicit => {
            plain = vec![RowState::default(); side.rows.len()];
            FixedSide { factors, rows: &side.implicit, states: &plain, implicit: &[] }
        }
    };
    let zeros = if vectors == Vectors::Implicit { Vec::new() } else { vec![0.0; rows.len()] };
    let values = if vectors == Vectors::Implicit { shares } else { &zeros };
    let own = rank.slice(rows.len(), PART);
    let (rows, values) = (&rows[own.clone()], &values[own]);
    let mut parts = MomentParts::new(factors);
    for part in in_parts(arch, fixed, (CellSlice::Pairs(rows, values), Target::Value), PART) {
        parts.push(|row, column| part.get(row, column));
    }
    parts
}

/// Computes the implicit features of a side.
pub(in crate::train::engine::cpu) fn make_implicit(
    arch: Arch,
    (own, fixed): (&mut Padded, &Padded),
    rows: &Rows,
    factors: usize,
    numbers: &ImplicitNumbers,
) {
    let fixed = fixed.fixed(factors, false);
    if own.implicit.is_empty() {
        own.implicit = Lines::zeros(own.factors.len());
    }
    own.implicit.par_chunks_exact_mut(own.stride).enumerate().for_each(|(row, implicit)| {
        if let Ok(entry) = rows.row.binary_search(&(row as u32)) {
            let ratings = rows.ratings.part(rows.span(entry));
            arch.dispatch(MakeImplicit { fixed, ratings, numbers, implicit });
        }
    });
}
