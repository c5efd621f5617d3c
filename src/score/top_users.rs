//! The users who would like an item best: the lists of [`TopItems`](super::TopItems) the other way round.

use super::form::{constant, left_items, right_users};
use super::lists::{Constants, Lists, Places};
use super::options::TopOptions;
use super::packed::Packed;
use super::tile::{shape, walk};
use crate::model::{Model, Rated};
use rayon::prelude::*;

/// Items of one task, about.
const ITEMS: usize = 240;

/// A model made ready to list the best users of items: its users, packed once for all of them.
pub struct TopUsers<'a> {
    model: &'a Model,
    options: TopOptions<'a>,
    places: Places,
    constants: Vec<f32>,
    users: Packed,
}

impl<'a> TopUsers<'a> {
    /// Packs the users that may be listed.
    ///
    /// # Panics
    /// If `allowed` has not one mark a user, or if something is to be explored, which lists of users cannot.
    pub fn new(model: &'a Model, options: &TopOptions<'a>) -> Self {
        assert!(options.explore == 0.0, "lists of users are ranked by the score alone");
        let users = options.chosen(model.users.len());
        let constants = users.iter().map(|&user| constant(model, Some(user))).collect();
        let packed = right_users(model, &users);
        let options = TopOptions { count: options.count.min(users.len()), ..*options };
        Self { model, options, places: Places::new(users, model.users.len()), constants, users: packed }
    }

    /// The model.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// How long a list is at most: as was asked, unless there are fewer users.
    pub fn count(&self) -> usize {
        self.options.count
    }

    /// For each of `items` the users who would give it most with their scores, best first; equal scores in the order of the
    /// users' numbers. Scores are in rating units and not clipped, the same to the bit as those of lists of items. With
    /// [`TopOptions::exclude`] those who have rated an item are not in its list. The result does not depend on the number
    /// of threads.
    ///
    /// # Panics
    /// If an item is no row of the model.
    pub fn of(&self, items: &[u32]) -> Vec<Vec<(u32, f32)>> {
        let raters = self.options.exclude.map(|rated| self.raters(rated, items));
        let task = items.len().div_ceil(rayon::current_num_threads()).clamp(1, ITEMS);
        let size = task.next_multiple_of(shape().left);
        let lists = items.par_chunks(size).enumerate().map(|(n, items)| {
            let left = left_items(self.model, items);
            let seen =
                (0..items.len()).map(|at| raters.as_ref().map_or(&[][..], |raters| &raters[n * size + at]));
            let Self { options, places, constants, users, .. } = self;
            let wanted = (options.count, options.min_score);
            let mut lists = Lists::new((&left, users), (places, Constants::OfLanes(constants)), wanted, seen);
            walk(&left, users, &mut lists);
            lists.sorted()
        });
        lists.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// Who has rated each of some items, of those who may be listed.
    fn raters(&self, rated: &Rated, items: &[u32]) -> Vec<Vec<u32>> {
        let mut wanted = vec![false; self.model.items.len()];
        items.iter().for_each(|&item| wanted[item as usize] = true);
        let mut of = vec![Vec::new(); wanted.len()];
        for &user in self.places.numbers() {
            let own = rated.items(user).iter().filter(|&&item| wanted[item as usize]);
            own.for_each(|&item| of[item as usize].push(user));
        }
        // The same item may be asked for again.
        items.iter().map(|&item| of[item as usize].clone()).collect()
    }
}

/// The lists of [`TopUsers::of`], for once.
///
/// # Panics
/// As there.
pub fn top_users(model: &Model, items: &[u32], options: &TopOptions) -> Vec<Vec<(u32, f32)>> {
    TopUsers::new(model, options).of(items)
}
