//! Sweeps by normal equations, and the sums that they need.

use super::padded::{Bundle, Padded};
use crate::math::Lines;
use crate::ratings::{CellSlice, Rows};
use crate::train::engine::{MomentParts, Vectors};
use crate::train::row::normal::{
    Descend, Directions, FixedSide, GROUP, Gather, ImplicitNumbers, MakeImplicit, Measure, Member, Numbers,
    SharedEquations, Solve, Sums,
};
use crate::train::row::{RowState, Target};
use pulp::Arch;
use rayon::prelude::*;
use std::ops::Range;

/// The number of ratings in a bundle of rows.
const BUNDLE: usize = 1024;

/// A row with more ratings is summed in parts of this many ratings, in parallel.
const SEGMENT: usize = 16_384;

/// The numbers of the fixed side's rows that stay in the caches of a core.
const NEAR: usize = 1 << 16;

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
        let mut entry = bundle.entries.start;
        while entry < bundle.entries.end {
            let group = group(rows, entry..bundle.entries.end, stride);
            let mut members: Vec<Member> = Vec::with_capacity(GROUP);
            for (entry, own) in group.clone().zip(directions.rows.chunks_exact_mut(stride)) {
                let number = rows.row[entry] as usize;
                let mine = number - bundle.first;
                let ratings = rows.ratings.part(rows.span(entry));
                let (activity, bias) = (activity[number], bundle.states[mine].bias);
                members.push(Member { ratings, activity, bias, losses: [0.0; 2] });
                own.copy_from_slice(&bundle.factors[mine * stride..][..stride]);
            }
            arch.dispatch(Descend { fixed, members: &mut members, numbers, shared, directions });
            let moved = members.iter().zip(directions.rows.chunks_exact(stride));
            for (entry, (member, own)) in group.clone().zip(moved) {
                let mine = rows.row[entry] as usize - bundle.first;
                bundle.factors[mine * stride..][..stride].copy_from_slice(own);
                if numbers.measure {
                    bundle.states[mine].set_losses(member.losses);
                }
            }
            entry = group.end;
        }
    };
    own.bundles(rows, BUNDLE).into_par_iter().for_each_init(|| Directions::new(stride), walk);
}

/// The entries that step together, from the beginning of a range: their ratings' rows stay in the caches of a core.
fn group(rows: &Rows, entries: Range<usize>, stride: usize) -> Range<usize> {
    let few = |&end: &usize| (rows.starts[end] - rows.starts[entries.start]) as usize * stride <= NEAR;
    let end = (entries.start + 2..=entries.end.min(entries.start + GROUP)).take_while(few).last();
    entries.start..end.unwrap_or(entries.start + 1)
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
