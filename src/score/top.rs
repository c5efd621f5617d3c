//! The best items of each user, in memory for the packed items and the lists themselves.

use super::deviation::Squares;
use super::form::{constant, left_users, right_items};
use super::lists::{Constants, Lists, Places};
use super::options::TopOptions;
use super::packed::Packed;
use super::score;
use super::tile::{shape, walk};
use crate::model::Model;
use rayon::prelude::*;

/// Users of one task, about.
const USERS: usize = 240;

/// A model made ready to list the best items of users: its items, packed once for all of them.
pub struct TopItems<'a> {
    model: &'a Model,
    options: TopOptions<'a>,
    places: Places,
    items: Packed,
}

impl<'a> TopItems<'a> {
    /// Packs the items that may be listed.
    ///
    /// # Panics
    /// If `allowed` has not one mark an item.
    pub fn new(model: &'a Model, options: &TopOptions<'a>) -> Self {
        let items = options.chosen(model.items.len());
        let packed = right_items(model, &items);
        let options = TopOptions { count: options.count.min(items.len()), ..*options };
        Self { model, options, places: Places::new(items, model.items.len()), items: packed }
    }

    /// For each of `users` the items of highest score with their scores, best first; equal scores in the order of
    /// the items' numbers. Scores are in rating units and not clipped, since a clipped list has no order at its top.
    /// With [`TopOptions::explore`] the order is that of the score and what exploring adds, and the scores that are given are
    /// still the scores. A user the model does not know (`None`) gets the items of highest bias, the list that suits nobody in
    /// particular. The result does not depend on the number of threads.
    ///
    /// # Panics
    /// If a user is no row of the model.
    pub fn of(&self, users: &[Option<u32>]) -> Vec<Vec<(u32, f32)>> {
        // Fewer users a task where there are few, so that all threads have work; whole groups of them.
        let task = users.len().div_ceil(rayon::current_num_threads()).clamp(1, USERS);
        let lists = users.par_chunks(task.next_multiple_of(shape().left)).map(|users| self.task(users));
        lists.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn task(&self, users: &[Option<u32>]) -> Vec<Vec<(u32, f32)>> {
        let Self { model, options, places, items } = self;
        let constants: Vec<f32> = users.iter().map(|&user| constant(model, user)).collect();
        let left = left_users(model, users);
        let seen = users.iter().map(|&user| match (user, options.exclude) {
            (Some(user), Some(rated)) => rated.items(user),
            _ => &[],
        });
        let wanted = (options.count, options.min_score);
        let mut lists = Lists::new((&left, items), (places, Constants::OfRows(&constants)), wanted, seen);
        let explore = options.explore.to_bits() << 1 != 0;
        if explore {
            lists = lists.exploring(options.explore, Squares::new(model, users));
        }
        walk(&left, items, &mut lists);
        let mut lists = lists.sorted();
        if explore {
            for (&user, list) in users.iter().zip(&mut lists) {
                list.iter_mut().for_each(|(item, ranked)| *ranked = score(model, user, Some(*item)));
            }
        }
        lists
    }
}

/// The lists of [`TopItems::of`], for once.
///
/// # Panics
/// If a user is no row of the model, or `allowed` has not one mark an item.
pub fn top_items<User>(model: &Model, users: &[User], options: &TopOptions) -> Vec<Vec<(u32, f32)>>
where
    User: Copy + Into<Option<u32>>,
{
    let users: Vec<Option<u32>> = users.iter().map(|&user| user.into()).collect();
    TopItems::new(model, options).of(&users)
}
