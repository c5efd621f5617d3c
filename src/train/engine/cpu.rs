//! The CPU engine: row updates over all cores, vectorised for the processor at hand.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::Engine;
use crate::Result;
use crate::math::Matrix;
use crate::ratings::{Ratings, Rows, Side};
use crate::train::problem::Problem;
use crate::train::row::sgd::{Numbers, PAD, RowState, Visit};
use crate::train::state::{SideState, State};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::sync::Arc;

/// Ratings in a bundle of rows, the unit that a thread takes. Small beside a stage, large beside its cost.
const BUNDLE: usize = 4096;

/// Held-out ratings in a partial sum; fixed, so that the sum does not depend on the threads.
const PARTIAL: usize = 8192;

/// Trains on the processor.
pub struct CpuEngine {
    problem: Arc<Problem>,
    arch: Arch,
    factors: usize,
    users: Padded,
    items: Padded,
}

/// One side's rows, padded with zeros to whole vectors.
struct Padded {
    factors: Vec<f32>,
    rows: Vec<RowState>,
    stride: usize,
}

impl CpuEngine {
    /// An engine for `problem` that starts from `state`.
    pub fn new(problem: Arc<Problem>, state: &State) -> Self {
        Self {
            problem,
            arch: Arch::new(),
            factors: state.users.factors.columns(),
            users: Padded::new(&state.users),
            items: Padded::new(&state.items),
        }
    }
}

impl Engine for CpuEngine {
    fn device(&self) -> String {
        format!("cpu, {} threads", rayon::current_num_threads())
    }

    fn stages(&self) -> usize {
        self.problem.staged.stages.len()
    }

    fn sweep(&mut self, stage: usize, side: Side, numbers: &Numbers) -> Result<()> {
        let staged = &self.problem.staged;
        let (rows, own, still, activity) = match side {
            Side::User => (&staged.stages[stage].users, &mut self.users, &self.items, &staged.user_activity),
            Side::Item => (&staged.stages[stage].items, &mut self.items, &self.users, &staged.item_activity),
        };
        let (arch, factors) = (self.arch, self.factors);
        own.bundles(rows).into_par_iter().for_each(|bundle| {
            arch.dispatch(Walk { bundle, rows, still, activity, factors, numbers });
        });
        Ok(())
    }

    fn loss(&mut self) -> Result<f64> {
        Ok(self.users.rows.iter().map(|row| f64::from(row.loss)).sum())
    }

    fn held_out_error(&mut self, offset: f32) -> Result<f64> {
        let held_out = &self.problem.held_out;
        let (low, high) = self.problem.range;
        let range = (low + offset, high + offset);
        let parts: Vec<f64> = (0..held_out.len().div_ceil(PARTIAL))
            .into_par_iter()
            .map(|part| {
                let span = part * PARTIAL..held_out.len().min((part + 1) * PARTIAL);
                let (users, items) = (&self.users, &self.items);
                self.arch.dispatch(SquaredError { users, items, held_out, span, offset, range })
            })
            .collect();
        Ok(parts.iter().sum())
    }

    fn state(&mut self) -> Result<State> {
        Ok(State { users: self.users.unpadded(self.factors), items: self.items.unpadded(self.factors) })
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        (self.users, self.items) = (Padded::new(&state.users), Padded::new(&state.items));
        Ok(())
    }
}

/// Consecutive rows with the part of the side's memory that is theirs alone.
struct Bundle<'a> {
    /// Which entries of [`Rows`].
    entries: std::ops::Range<usize>,
    /// The first row whose memory is here.
    first: usize,
    factors: &'a mut [f32],
    states: &'a mut [RowState],
}

impl Padded {
    fn new(side: &SideState) -> Self {
        let (rows, factors) = (side.factors.rows(), side.factors.columns());
        let stride = factors.next_multiple_of(PAD);
        let mut padded = vec![0.0; rows * stride];
        for (row, padded) in padded.chunks_exact_mut(stride).enumerate() {
            padded[..factors].copy_from_slice(side.factors.row(row));
        }
        Self { factors: padded, rows: side.rows.clone(), stride }
    }

    fn unpadded(&self, factors: usize) -> SideState {
        let data: Vec<f32> =
            self.factors.chunks_exact(self.stride).flat_map(|row| &row[..factors]).copied().collect();
        SideState { factors: Matrix::from_vec(self.rows.len(), factors, data), rows: self.rows.clone() }
    }

    fn row(&self, row: u32) -> &[f32] {
        &self.factors[row as usize * self.stride..][..self.stride]
    }

    /// Cuts the rows of a sweep into bundles of about equal work.
    fn bundles(&mut self, rows: &Rows) -> Vec<Bundle<'_>> {
        let mut bundles = Vec::new();
        let (mut factors, mut states) = (self.factors.as_mut_slice(), self.rows.as_mut_slice());
        let (mut entry, mut taken) = (0, 0);
        while entry < rows.len() {
            let work = rows.starts[entry] as usize + BUNDLE;
            let end =
                rows.starts.partition_point(|&start| (start as usize) < work).clamp(entry + 1, rows.len());
            let first = rows.row[entry] as usize;
            let count = rows.row[end - 1] as usize + 1 - first;
            let (mine, rest) = factors.split_at_mut((first - taken + count) * self.stride);
            let (my_states, rest_states) = states.split_at_mut(first - taken + count);
            bundles.push(Bundle {
                entries: entry..end,
                first,
                factors: &mut mine[(first - taken) * self.stride..],
                states: &mut my_states[first - taken..],
            });
            (factors, states, taken, entry) = (rest, rest_states, first + count, end);
        }
        bundles
    }
}

/// The row updates of one bundle.
struct Walk<'a> {
    bundle: Bundle<'a>,
    rows: &'a Rows,
    still: &'a Padded,
    activity: &'a [u32],
    factors: usize,
    numbers: &'a Numbers,
}

impl WithSimd for Walk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { bundle, rows, still, activity, factors, numbers } = self;
        for entry in bundle.entries {
            let row = rows.row[entry] as usize;
            let mine = row - bundle.first;
            let span = rows.span(entry);
            Visit {
                row: &mut bundle.factors[mine * still.stride..][..still.stride],
                state: &mut bundle.states[mine],
                still: &still.factors,
                still_state: &still.rows,
                other: &rows.other[span.clone()],
                value: &rows.value[span],
                factors,
                regularization: numbers.row_regularization(activity[row]),
                numbers,
            }
            .with_simd(simd);
        }
    }
}

/// A partial sum of squared held-out errors.
struct SquaredError<'a> {
    users: &'a Padded,
    items: &'a Padded,
    held_out: &'a Ratings,
    span: std::ops::Range<usize>,
    offset: f32,
    range: (f32, f32),
}

impl WithSimd for SquaredError<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let mut sum = 0.0;
        for n in self.span {
            let (user, item) = (self.held_out.users[n], self.held_out.items[n]);
            let (p, q) = (S::as_simd_f32s(self.users.row(user)).0, S::as_simd_f32s(self.items.row(item)).0);
            let product =
                p.iter().zip(q).fold(simd.splat_f32s(0.0), |sum, (&p, &q)| simd.mul_add_e_f32s(p, q, sum));
            let bias = self.users.rows[user as usize].bias + self.items.rows[item as usize].bias;
            let predicted = (bias + simd.reduce_sum_f32s(product)).clamp(self.range.0, self.range.1);
            sum += f64::from(self.held_out.values[n] + self.offset - predicted).powi(2);
        }
        sum
    }
}
