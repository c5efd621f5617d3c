//! The per-rating arrays, and their parts for each stage.

use super::grouped::Source;
use super::stage::Stage;
use super::{Cells, Rows, Shared};
use crate::ratings::{Side, Sides};
use std::sync::Arc;

/// The per-rating arrays of each side.
pub(super) type Arrays<T> = [(Vec<u32>, Vec<T>); 2];

/// The part of the arrays that belongs to one stage.
pub(super) struct Buffer<'a, T>([(&'a mut [u32], &'a mut [T]); 2]);

/// Cuts the arrays into parts for stages of these sizes.
pub(super) fn buffers<'a, T>([users, items]: &'a mut Arrays<T>, sizes: &[usize]) -> Vec<Buffer<'a, T>> {
    let mut rest = [(&mut users.0[..], &mut users.1[..]), (&mut items.0[..], &mut items.1[..])];
    let mut buffers = Vec::with_capacity(sizes.len());
    for &size in sizes {
        let parts = rest.map(|(others, values)| (others.split_at_mut(size), values.split_at_mut(size)));
        let [users, items] = parts;
        buffers.push(Buffer([(users.0.0, users.1.0), (items.0.0, items.1.0)]));
        rest = [(users.0.1, users.1.1), (items.0.1, items.1.1)];
    }
    buffers
}

impl<T: Copy + Send> Buffer<'_, T> {
    /// Groups ratings by both sides. `users` has the first user and how many ratings each user has from it
    /// on, `items` how many each item has.
    pub(super) fn group(
        &mut self,
        ratings: &impl Source<Value = f32>,
        users: (u32, &[u32]),
        items: &[u32],
        how: (u64, usize),
        cell: impl Fn(u32, f32) -> (u32, T) + Sync,
    ) -> Stage {
        let [(user_others, user_values), (item_others, item_values)] = &mut self.0;
        let (users, items) = rayon::join(
            || Rows::group(ratings, Side::User, users, how, &cell, (user_others, user_values)),
            || Rows::group(ratings, Side::Item, (0, items), how, &cell, (item_others, item_values)),
        );
        Stage { users, items }
    }
}

/// Gives each stage its part of the arrays.
pub(super) fn shared<T>(
    mut stages: Vec<Stage>,
    arrays: Arrays<T>,
    sizes: &[usize],
    cells: impl Fn(Shared<u32>, Shared<T>) -> Cells,
) -> Vec<Stage> {
    let [users, items] = arrays.map(|(others, values)| (Arc::new(others), Arc::new(values)));
    let mut start = 0;
    for (Sides { users: by_user, items: by_item }, size) in stages.iter_mut().zip(sizes) {
        let part = start..start + size;
        start = part.end;
        for (rows, (others, values)) in [(by_user, &users), (by_item, &items)] {
            rows.ratings = cells(Shared::of(others, part.clone()), Shared::of(values, part.clone()));
        }
    }
    stages
}
