//! Ratings in the row numbers and units of training.

use super::grouped::Source;
use crate::ratings::{Kept, Scale, Sides};

/// Converts ratings to the row numbers and units of training.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    pub(super) position: &'a Sides<Vec<u32>>,
    pub(super) scale: Scale,
}

impl Numbers<'_> {
    pub(super) fn placed(&self, (user, item, value): (u32, u32, f32)) -> (u32, u32, f32) {
        let Sides { users, items } = self.position;
        (users[user as usize], items[item as usize], self.scale.standard(value))
    }
}

/// All kept ratings, in the row numbers and units of training.
pub(super) struct Placed<'a> {
    pub(super) kept: Kept<'a>,
    pub(super) of: Numbers<'a>,
}

impl Source for Placed<'_> {
    type Value = f32;

    fn each(&self, mut take: impl FnMut(u32, u32, f32)) {
        for (_, rating) in self.kept.ratings.iter().enumerate().filter(|&(place, _)| self.kept.has(place)) {
            let (user, item, value) = self.of.placed(rating);
            take(user, item, value);
        }
    }
}
