//! A score as one inner product. Over the draws, with `w = scale / draws`, a user has the row `[w_1, w_1 p_1,
//! w_2, w_2 p_2, ..]` and an item the row `[b_1, q_1, b_2, q_2, ..]`; a constant of the user is added. So
//! biases are treated like factors, and many draws like one draw with many factors.

use super::packed::Packed;
use super::tile::shape;
use crate::model::Factors;
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// The number of users.
pub(super) fn users(draws: &[Factors]) -> usize {
    draws.first().map_or(0, |draw| draw.users.rows())
}

/// The number of items.
pub(super) fn items(draws: &[Factors]) -> usize {
    draws.first().map_or(0, |draw| draw.items.rows())
}

/// The numbers in a row.
pub(super) fn width(draws: &[Factors]) -> usize {
    draws.len() * part(draws)
}

/// The numbers in a row that belong to one draw.
pub(super) fn part(draws: &[Factors]) -> usize {
    draws.first().map_or(0, |draw| draw.items.columns() + 1)
}

/// Each draw with the range of its numbers in a row.
pub(super) fn parts(draws: &[Factors]) -> impl Iterator<Item = (&Factors, Range<usize>)> {
    let part = part(draws);
    draws.iter().enumerate().map(move |(n, draw)| (draw, n * part..(n + 1) * part))
}

/// The factor by which a draw's products count, as one of `draws`.
fn share(draws: &[Factors], draw: &Factors) -> f32 {
    draw.scale / draws.len() as f32
}

/// Writes a user's row. For a user without a row (`None`) the origin counts and, where that is zero, the biases of
/// items alone.
pub(super) fn user_row(draws: &[Factors], user: Option<u32>, row: &mut [f32]) {
    for (draw, part) in parts(draws) {
        let (bias, factors) = row[part].split_at_mut(1);
        let share = share(draws, draw);
        bias[0] = share;
        match user {
            Some(user) => {
                let own = draw.users.row(user as usize);
                factors.iter_mut().zip(own).for_each(|(factor, own)| *factor = share * own);
            }
            None if draw.origin.is_empty() => factors.fill(0.0),
            None => factors.iter_mut().zip(&draw.origin).for_each(|(factor, own)| *factor = share * own),
        }
    }
}

/// Writes an item's row.
pub(super) fn item_row(draws: &[Factors], item: u32, row: &mut [f32]) {
    for (draw, part) in parts(draws) {
        let (bias, factors) = row[part].split_at_mut(1);
        bias[0] = draw.item_bias[item as usize];
        factors.copy_from_slice(draw.items.row(item as usize));
    }
}

/// The constant that is added to all products of a user: the mean and the user's bias.
pub(super) fn constant(draws: &[Factors], user: Option<u32>) -> f32 {
    let of = |draw: &Factors| f64::from(draw.mean) + f64::from(draw.scale) * f64::from(bias(draw, user));
    (draws.iter().map(of).sum::<f64>() / draws.len() as f64) as f32
}

/// The bias of a user in a draw.
pub(super) fn bias(draw: &Factors, user: Option<u32>) -> f32 {
    user.map_or(0.0, |user| draw.user_bias[user as usize])
}

/// The product of a user's row with that of an item, computed without writing either row. It equals that of a
/// [`Tile`](super::tile::Tile) to the bit.
pub(super) fn product(draws: &[Factors], user: Option<u32>, item: u32) -> f32 {
    pulp::Arch::new().dispatch(Product { draws, range: 0..draws.len(), user, item })
}

/// The part of the product that belongs to one draw.
pub(super) fn product_of_draw(draws: &[Factors], draw: usize, user: Option<u32>, item: u32) -> f32 {
    pulp::Arch::new().dispatch(Product { draws, range: draw..draw + 1, user, item })
}

/// The arguments of [`product`].
struct Product<'a> {
    draws: &'a [Factors],
    /// The draws whose part of the product is computed.
    range: Range<usize>,
    user: Option<u32>,
    item: u32,
}

impl WithSimd for Product<'_> {
    type Output = f32;

    #[expect(clippy::inline_always, reason = "compiled for a processor's features only where it is inlined")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        let add = |a: f32, b: f32, sum: f32| if S::IS_SCALAR { a * b + sum } else { a.mul_add(b, sum) };
        let mut sum = 0.0;
        for draw in &self.draws[self.range] {
            let share = share(self.draws, draw);
            sum = add(share, draw.item_bias[self.item as usize], sum);
            let p = self.user.map_or(&draw.origin[..], |user| draw.users.row(user as usize));
            for (&p, &q) in p.iter().zip(draw.items.row(self.item as usize)) {
                sum = add(share * p, q, sum);
            }
        }
        sum
    }
}

/// The rows of users, interleaved in groups of `group`.
pub(super) fn packed_users(draws: &[Factors], users: &[Option<u32>], group: usize) -> Packed {
    Packed::new((users.len(), width(draws), group), |at, row| user_row(draws, users[at], row))
}

/// The rows of items, interleaved in groups of `group`.
pub(super) fn packed_items(draws: &[Factors], items: &[u32], group: usize) -> Packed {
    Packed::new((items.len(), width(draws), group), |at, row| item_row(draws, items[at], row))
}

/// Users as the left side of tiles.
pub(super) fn left_users(draws: &[Factors], users: &[Option<u32>]) -> Packed {
    packed_users(draws, users, shape().left)
}

/// Items as the right side of tiles.
pub(super) fn right_items(draws: &[Factors], items: &[u32]) -> Packed {
    packed_items(draws, items, shape().right)
}

/// Items as the left side of tiles.
pub(super) fn left_items(draws: &[Factors], items: &[u32]) -> Packed {
    packed_items(draws, items, shape().left)
}

/// Users as the right side of tiles.
pub(super) fn right_users(draws: &[Factors], users: &[u32]) -> Packed {
    Packed::new((users.len(), width(draws), shape().right), |at, row| user_row(draws, Some(users[at]), row))
}
