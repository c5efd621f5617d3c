//! Sweeps by normal equations, and the sums that they need.

use super::padded::{Bundle, Padded};
use crate::math::Lines;
use crate::ratings::{CellSlice, Rows};
use crate::train::engine::{MomentParts, Vectors};
use crate::train::row::normal::{
    Descend, Directions, FixedSide, Gather, ImplicitNumbers, MakeImplicit, Measure, Numbers, SharedEquations,
    Solve, Sums,
};
use crate::train::row::{RowState, Target};
use pulp::Arch;
use rayon::prelude::*;

/// The number of ratings in a bundle of rows.
const BUNDLE: usize = 1024;

/// A row with more ratings is summed in parts of this many ratings, in parallel.
const SEGMENT: usize = 16_384;

/// The number of rows in a partial sum of moments. It is fixed, so that the sum does not depend on the number
/// of threads.
const PART: usize = 2048;

/// Updates all rows of a side.
pub(super) fn sweep(
    arch: Arch,
    (own, fixed): (&mut Padded, &Padded),
    of: (&Rows, &[u32]),
    factors: usize,
    numbers: &Numbers,
) {
    if numbers.steps.is_some() {
        descend(arch, (own, fixed), of, factors, numbers);
    } else {
        solve(arch, (own, fixed), of, factors, numbers);
    }
}

/// Moves all rows of a side by conjugate gradients.
fn descend(
    arch: Arch,
    (own, fixed): (&mut Padded, &Padded),
    (rows, activity): (&Rows, &[u32]),
    factors: usize,
    numbers: &Numbers,
) {
    let stride = own.stride;
    let fixed = fixed.fixed(factors, false);
    let shared = &SharedEquations::new(numbers, factors, stride);
    let walk = |directions: &mut Directions, bundle: Bundle| {
        for entry in bundle.entries {
            let number = rows.row[entry] as usize;
            let mine = number - bundle.first;
            let ratings = rows.ratings.part(rows.span(entry));
            let row = &mut bundle.factors[mine * stride..][..stride];
            let (state, activity) = (&mut bundle.states[mine], activity[number]);
            let bias = state.bias;
            let walk = Descend { fixed, ratings, row, bias, activity, numbers, shared, directions };
            let losses = arch.dispatch(walk);
            if numbers.measure {
                state.set_losses(losses);
            }
        }
    };
    own.bundles(rows, BUNDLE).into_par_iter().for_each_init(|| Directions::new(stride), walk);
}

/// Sets all rows of a side to their solutions, or to draws around them.
fn solve(
    arch: Arch,
    (own, fixed): (&mut Padded, &Padded),
    (rows, activity): (&Rows, &[u32]),
    factors: usize,
    numbers: &Numbers,
) {
    let (stride, target) = (own.stride, numbers.target);
    let fixed = fixed.fixed(factors, numbers.implicit_weight > 0.0);
    let walk = |sums: &mut Sums, bundle: Bundle| {
        for entry in bundle.entries {
            let number = rows.row[entry];
            let mine = number as usize - bundle.first;
            let ratings = rows.ratings.part(rows.span(entry));
            gather(arch, fixed, (ratings, target), sums);
            let row = &mut bundle.factors[mine * stride..][..stride];
            let state = &mut bundle.states[mine];
            let activity = activity[number as usize];
            arch.dispatch(Solve { sums, row, state, number, activity, numbers });
            if numbers.measure {
                let (row, bias) = (&*row, state.bias);
                state.set_losses(arch.dispatch(Measure { fixed, ratings, target, row, bias }));
            }
        }
    };
    own.bundles(rows, BUNDLE).into_par_iter().for_each_init(|| Sums::new(factors), walk);
}

/// The sums over the ratings of one row; a long row is summed in parts.
fn gather(arch: Arch, fixed: FixedSide, (ratings, target): (CellSlice, Target), sums: &mut Sums) {
    sums.clear();
    if ratings.len() <= SEGMENT {
        arch.dispatch(Gather { fixed, ratings, target, sums });
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
        arch.dispatch(Gather { fixed, ratings, target, sums: &mut sums });
        sums
    };
    (0..ratings.len()).into_par_iter().step_by(size).map(part).collect()
}

/// Partial sums over the rows of a list. Each row comes with the share of the other side's rows that rated
/// it.
pub(super) fn moment_parts(
    arch: Arch,
    side: &Padded,
    vectors: Vectors,
    (rows, shares): &(Vec<u32>, Vec<f32>),
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
    let mut parts = MomentParts::new(factors);
    for part in in_parts(arch, fixed, (CellSlice::Pairs(rows, values), Target::Value), PART) {
        parts.push(|row, column| part.get(row, column));
    }
    parts
}

/// Computes the implicit features of a side.
pub(super) fn make_implicit(
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
