//! Stochastic gradient sweeps.

use super::padded::{Bundle, Padded};
use crate::ratings::{CellSlice, Rows};
use crate::train::row::RowState;
use crate::train::row::sgd::{Any, BATCH, Fixed, Numbers, PAD, RowUpdate, Stride, SweepInput};
use prefetch_index::prefetch_index;
use pulp::{Simd, WithSimd};

/// For each row of a side, the ratio of its regularization to that of a row of average activity. Each takes a
/// power, so they are cached.
#[derive(Default)]
pub(super) struct Shares {
    /// The exponent and the average activity that `shares` was computed for.
    of: Option<[u32; 2]>,
    shares: Vec<f32>,
}

impl Shares {
    /// The shares of rows with these numbers of ratings.
    pub(super) fn of(&mut self, numbers: &Numbers, activity: &[u32]) -> &[f32] {
        let of = Some([numbers.power.to_bits(), numbers.mean_activity.to_bits()]);
        if self.of != of {
            self.of = of;
            self.shares.clear();
            self.shares.extend(activity.iter().map(|&activity| numbers.share(activity)));
        }
        &self.shares
    }
}

/// The row updates of one bundle.
pub(super) struct Walk<'a> {
    pub(super) bundle: Bundle<'a>,
    pub(super) rows: &'a Rows,
    pub(super) fixed: &'a Padded,
    pub(super) shares: &'a [f32],
    pub(super) factors: usize,
    pub(super) numbers: &'a Numbers,
    /// Whether the rows of the fixed side that are read do not fit the near caches.
    pub(super) far: bool,
}

impl WithSimd for Walk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.fixed.stride {
            16 => self.walk(simd, Fixed::<16>),
            32 => self.walk(simd, Fixed::<32>),
            64 => self.walk(simd, Fixed::<64>),
            128 => self.walk(simd, Fixed::<128>),
            stride => self.walk(simd, Any(stride)),
        }
    }
}

impl Walk<'_> {
    #[inline(always)]
    fn walk<S: Simd, R: Stride>(self, simd: S, stride: R) {
        let Self { bundle, rows, fixed, shares, factors, numbers, far } = self;
        let input = SweepInput::new(stride, (&fixed.factors, &fixed.rows), factors, numbers);
        let ratings = rows.ratings.all();
        let ahead = Ahead { stride, fixed, ratings, far };
        let mut gradient = Vec::new();
        for entry in bundle.entries.clone() {
            if let Some(&next) = rows.row[..bundle.entries.end].get(entry + 1) {
                ask_for(stride, bundle.factors, bundle.states, next as usize - bundle.first);
            }
            let row = rows.row[entry] as usize;
            let regularization = numbers.regularization * shares[row];
            let own = (&mut *bundle.factors, &mut *bundle.states);
            let span = rows.span(entry);
            RowUpdate::of(stride, own, (row - bundle.first, regularization)).visit(
                simd,
                &input,
                (ratings.part(span.start..ratings.len()), span.len()),
                &mut gradient,
                |first| ahead.ask(span.start + first + BATCH),
            );
        }
    }
}

/// Prefetches a row and its state.
#[inline(always)]
fn ask_for<R: Stride>(stride: R, factors: &[f32], states: &[RowState], row: usize) {
    for place in (0..stride.width()).step_by(PAD) {
        prefetch_index(factors, row * stride.width() + place);
    }
    prefetch_index(states, row);
}

/// Prefetches the rows of the next ratings if they are far away.
struct Ahead<'a, R> {
    stride: R,
    fixed: &'a Padded,
    ratings: CellSlice<'a>,
    far: bool,
}

impl<R: Stride> Ahead<'_, R> {
    #[inline(always)]
    fn ask(&self, first: usize) {
        if self.far && first + BATCH <= self.ratings.len() {
            let (others, _) = self.ratings.part(first..first + BATCH).batch::<BATCH>();
            for other in others {
                ask_for(self.stride, &self.fixed.factors, &self.fixed.rows, other as usize);
            }
        }
    }
}
