//! Scores of a block of users against a range of items.

use super::form::{constant, left_users, right_items, width};
use super::tile::{Take, Tile, walk};
use crate::model::Model;
use pulp::Simd;
use std::ops::Range;

/// Writes the [`score`](super::score) of every one of `users` with every item of a range to `scores`, which is `users` x
/// `items` numbers, row after row. The items are packed first, which is worth it for some dozens of users.
///
/// # Panics
/// If a number is no row of the model, or if `scores` has another length.
pub fn score_block(model: &Model, users: &[Option<u32>], items: Range<usize>, scores: &mut [f32]) {
    assert_eq!(scores.len(), users.len() * items.len(), "{} users x {} items", users.len(), items.len());
    let constants: Vec<f32> = users.iter().map(|&user| constant(model, user)).collect();
    let numbers: Vec<u32> = (items.start as u32..items.end as u32).collect();
    let (left, right) = (left_users(model, users), right_items(model, &numbers));
    walk(
        &left,
        &right,
        &mut Write { width: width(model), constants: &constants, items: items.len(), scores },
    );
}

/// Writes scores down.
struct Write<'a> {
    width: usize,
    constants: &'a [f32],
    items: usize,
    scores: &'a mut [f32],
}

impl Take for Write<'_> {
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
