//! The users who would like an item best: the transpose of the lists of [`TopItems`](super::TopItems).

use super::form::{constant, items, left_items, right_users, users};
use super::lists::{Constants, Lists, Places};
use super::options::TopOptions;
use super::packed::Packed;
use super::tile::{shape, walk};
use crate::model::{Factors, Rated};
use rayon::prelude::*;

/// Items per task, approximately.
const ITEMS: usize = 240;

/// Draws (posterior samples) prepared for lists of items' best users: the users are packed once for all
/// items.
pub struct TopUsers<'a> {
    draws: &'a [Factors],
    options: TopOptions<'a>,
    places: Places,
    constants: Vec<f32>,
    users: Packed,
}

impl<'a> TopUsers<'a> {
    /// Packs the users that may be listed.
    ///
    /// # Panics
    /// If `allowed` does not have one mark per user, or if exploration is on, which lists of users do not
    /// support.
    pub fn new(draws: &'a (impl AsRef<[Factors]> + ?Sized), options: &TopOptions<'a>) -> Self {
        let draws = draws.as_ref();
        assert!(!options.explores(), "lists of users are ranked by the score alone");
        let all = users(draws);
        let chosen = options.chosen(all);
        let constants = chosen.iter().map(|&user| constant(draws, Some(user))).collect();
        let users = right_users(draws, &chosen);
        let options = TopOptions { count: options.count.min(chosen.len()), ..*options };
        Self { draws, options, places: Places::new(chosen, all), constants, users }
    }

    /// The draws.
    pub fn draws(&self) -> &'a [Factors] {
        self.draws
    }

    /// The longest length of a list: as requested, unless there are fewer users.
    pub fn count(&self) -> usize {
        self.options.count
    }

    /// For each of `items`, the users with the highest scores and these scores, best first; equal scores are
    /// in the order of the users' numbers. Scores are in rating units and not clipped, the same to the bit as
    /// in lists of items. With [`TopOptions::exclude`], an item's list has no users who rated it. The result
    /// does not depend on the number of threads.
    ///
    /// # Panics
    /// If an item is not a row of the draws.
    pub fn of(&self, items: &[u32]) -> Vec<Vec<(u32, f32)>> {
        let raters = self.options.exclude.map(|rated| self.raters(rated, items));
        let task = items.len().div_ceil(rayon::current_num_threads()).clamp(1, ITEMS);
        let size = task.next_multiple_of(shape().left);
        let lists = items.par_chunks(size).flat_map_iter(|items| {
            let left = left_items(self.draws, items);
            let seen =
                items.iter().map(|&item| raters.as_ref().map_or(&[][..], |raters| &raters[item as usize]));
            let Self { options, places, constants, users, .. } = self;
            let wanted = (options.count, options.min_score);
            let mut lists = Lists::new((&left, users), (places, Constants::OfLanes(constants)), wanted, seen);
            walk(&left, users, &mut lists);
            lists.sorted()
        });
        lists.collect()
    }

    /// For each item of `some`, the users who rated it, among those who may be listed.
    fn raters(&self, rated: &Rated, some: &[u32]) -> Vec<Vec<u32>> {
        let mut wanted = vec![false; items(self.draws)];
        some.iter().for_each(|&item| wanted[item as usize] = true);
        let mut of = vec![Vec::new(); wanted.len()];
        for &user in self.places.numbers() {
            let own = rated.items(user).iter().filter(|&&item| wanted[item as usize]);
            own.for_each(|&item| of[item as usize].push(user));
        }
        of
    }
}
