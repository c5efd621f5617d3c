//! Scores of blocks of users against a range of items.

use super::form::{constant, left_users, right_items, width};
use super::packed::Packed;
use super::tile::{Tile, TileSink, walk};
use crate::model::Factors;
use pulp::Simd;
use std::ops::Range;

/// A range of items prepared for scoring: packed once for all users.
pub struct ItemBlock<'a> {
    pub(super) draws: &'a [Factors],
    pub(super) items: Range<usize>,
    pub(super) packed: Packed,
}

impl<'a> ItemBlock<'a> {
    /// Packs the items.
    ///
    /// # Panics
    /// If an item is not a row of the draws.
    pub fn new(draws: &'a (impl AsRef<[Factors]> + ?Sized), items: Range<usize>) -> Self {
        let draws = draws.as_ref();
        let numbers: Vec<u32> = (items.start as u32..items.end as u32).collect();
        Self { draws, packed: right_items(draws, &numbers), items }
    }

    /// Writes the [`score`](super::score) of each of `users` with each of the items to `scores`, which holds
    /// `users` x `items` numbers, row after row.
    ///
    /// # Panics
    /// If a user is not a row of the draws, or if `scores` has another length.
    pub fn scores(&self, users: &[Option<u32>], scores: &mut [f32]) {
        let Self { draws, items, packed } = self;
        assert_eq!(scores.len(), users.len() * items.len(), "{} users x {} items", users.len(), items.len());
        let constants: Vec<f32> = users.iter().map(|&user| constant(draws, user)).collect();
        walk(
            &left_users(draws, users),
            packed,
            &mut Write { width: width(draws), constants: &constants, items: items.len(), scores },
        );
    }
}

/// Writes the scores of tiles to memory.
struct Write<'a> {
    width: usize,
    constants: &'a [f32],
    items: usize,
    scores: &'a mut [f32],
}

impl TileSink for Write<'_> {
    fn begin(&mut self, _: Range<usize>, _: Range<usize>) {}

    #[expect(clippy::inline_always, reason = "part of the walk")]
    #[inline(always)]
    fn take<S: Simd, const ROWS: usize, const VECTORS: usize>(&mut self, simd: S, tile: Tile<'_>) {
        let products = tile.products::<S, ROWS, VECTORS>(simd, 0..self.width);
        for ((row, constant), products) in (tile.row..).zip(&self.constants[tile.row..]).zip(products) {
            let constant = simd.splat_f32s(*constant);
            let scores = products.map(|product| simd.add_f32s(constant, product));
            let scores: &[f32] = bytemuck::cast_slice(&scores);
            let count = scores.len().min(self.items - tile.lane);
            self.scores[row * self.items + tile.lane..][..count].copy_from_slice(&scores[..count]);
        }
    }
}
