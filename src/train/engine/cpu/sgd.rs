//! Stochastic gradient sweeps.

use super::padded::{Bundle, Padded};
use crate::ratings::Rows;
use crate::train::row::sgd::{BATCH, Numbers, Visit};
use pulp::{Simd, WithSimd};

/// The row updates of one bundle.
pub(super) struct Walk<'a> {
    pub(super) bundle: Bundle<'a>,
    pub(super) rows: &'a Rows,
    pub(super) still: &'a Padded,
    pub(super) activity: &'a [u32],
    pub(super) factors: usize,
    pub(super) numbers: &'a Numbers,
    /// Whether the rows of the still side that are used lie beyond the near caches.
    pub(super) far: bool,
}

impl WithSimd for Walk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { bundle, rows, still, activity, factors, numbers, far } = self;
        let end = bundle.entries.clone().last().map_or(0, |entry| rows.span(entry).end);
        for entry in bundle.entries {
            let row = rows.row[entry] as usize;
            let mine = row - bundle.first;
            let span = rows.span(entry);
            Visit {
                row: &mut bundle.factors[mine * still.stride..][..still.stride],
                state: &mut bundle.states[mine],
                still: &still.factors,
                still_state: &still.rows,
                ahead: rows.ratings.part(if far {
                    (span.start + BATCH).min(end)..(span.end + BATCH).min(end)
                } else {
                    0..0
                }),
                ratings: rows.ratings.part(span),
                factors,
                regularization: numbers.row_regularization(activity[row]),
                numbers,
            }
            .with_simd(simd);
        }
    }
}
