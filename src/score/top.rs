//! The best items of each user, in memory for the packed items and the lists themselves.

use super::deviation::Squares;
use super::device::Device;
use super::form::{constant, left_users, right_items, width};
use super::lists::{Constants, Lists, Places};
use super::options::TopOptions;
use super::packed::Packed;
use super::score;
use super::tile::{shape, walk};
use crate::Result;
use crate::gpu::Gpu;
use crate::model::Model;
use rayon::prelude::*;

/// Users of one task, about.
const USERS: usize = 240;

/// A model made ready to list the best items of users: its items, packed once for all of them.
pub struct TopItems<'a> {
    model: &'a Model,
    options: TopOptions<'a>,
    places: Places,
    items: Items,
}

/// Where the items are.
enum Items {
    Here(Packed),
    There(Device),
}

impl<'a> TopItems<'a> {
    /// Packs the items that may be listed.
    ///
    /// # Panics
    /// If `allowed` has not one mark an item.
    pub fn new(model: &'a Model, options: &TopOptions<'a>) -> Self {
        Self::with(model, options, |items, _| Ok(Items::Here(right_items(model, items)))).expect("no device")
    }

    /// As [`new`](Self::new), with the items on a GPU, which then makes the lists. Those of more than a few hundred items, and with something
    /// to explore, are made by the CPU nonetheless. The lists are the same.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if they do not fit, [`Error::Device`](crate::Error::Device) if it fails.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    pub fn on(gpu: &Gpu, model: &'a Model, options: &TopOptions<'a>) -> Result<Self> {
        Self::with(model, options, |items, options| {
            if Device::can(model, options) {
                Device::new(gpu, model, items, options).map(Items::There)
            } else {
                Ok(Items::Here(right_items(model, items)))
            }
        })
    }

    fn with(
        model: &'a Model,
        options: &TopOptions<'a>,
        put: impl FnOnce(&[u32], &TopOptions) -> Result<Items>,
    ) -> Result<Self> {
        let items = options.chosen(model.items.len());
        let options = TopOptions { count: options.count.min(items.len()), ..*options };
        let put = put(&items, &options)?;
        Ok(Self { model, options, places: Places::new(items, model.items.len()), items: put })
    }

    /// The model.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// How long a list is at most: as was asked, unless there are fewer items.
    pub fn count(&self) -> usize {
        self.options.count
    }

    /// Whether a GPU makes the lists.
    pub fn on_gpu(&self) -> bool {
        matches!(self.items, Items::There(_))
    }

    /// How many users are best asked for at once.
    pub fn at_once(&self) -> usize {
        match self.items {
            Items::Here(_) => 4096,
            Items::There(_) => 32 << 10,
        }
    }

    /// For each of `users` the items of highest score with their scores, best first; equal scores in the order of
    /// the items' numbers. Scores are in rating units and not clipped, since a clipped list has no order at its top.
    /// With [`TopOptions::explore`] the order is that of the score and what exploring adds, and the scores that are given are
    /// still the scores. A user the model does not know (`None`) gets the items of highest bias, the list that suits nobody in
    /// particular. The result does not depend on the number of threads.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) or [`Error::Device`](crate::Error::Device) if a GPU makes them and fails.
    ///
    /// # Panics
    /// If a user is no row of the model.
    pub fn of(&self, users: &[Option<u32>]) -> Result<Vec<Vec<(u32, f32)>>> {
        let items = match &self.items {
            Items::Here(items) => items,
            Items::There(device) => return device.of((self.model, &self.options), &self.places, users),
        };
        // Fewer users a task where there are few, so that all threads have work; whole groups of them.
        let task = users.len().div_ceil(rayon::current_num_threads()).clamp(1, USERS);
        let lists =
            users.par_chunks(task.next_multiple_of(shape().left)).map(|users| self.task(users, items));
        Ok(lists.collect::<Vec<_>>().into_iter().flatten().collect())
    }

    fn task(&self, users: &[Option<u32>], items: &Packed) -> Vec<Vec<(u32, f32)>> {
        let Self { model, options, places, .. } = self;
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

/// How many multiplications the lists of so many users take, if all items are scored.
pub fn multiplications(model: &Model, users: usize) -> u64 {
    (users as u64).saturating_mul(model.items.len() as u64).saturating_mul(width(model) as u64)
}

/// The lists of [`TopItems::of`], for once, by the CPU.
///
/// # Panics
/// If a user is no row of the model, or `allowed` has not one mark an item.
pub fn top_items<User>(model: &Model, users: &[User], options: &TopOptions) -> Vec<Vec<(u32, f32)>>
where
    User: Copy + Into<Option<u32>>,
{
    let users: Vec<Option<u32>> = users.iter().map(|&user| user.into()).collect();
    TopItems::new(model, options).of(&users).expect("no device")
}
