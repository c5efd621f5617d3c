//! The best items of each user. Memory holds the packed items and the lists, but no scores.

use super::deviation::Squares;
use super::device::Device;
use super::form::{constant, items, left_users, right_items, width};
use super::lists::{Constants, Lists, Places};
use super::options::TopOptions;
use super::packed::Packed;
use super::score;
use super::tile::{shape, walk};
use crate::Result;
use crate::gpu::Gpu;
use crate::model::Factors;
use rayon::prelude::*;

/// Users per task, approximately.
const USERS: usize = 240;

/// Draws (posterior samples) prepared for lists of users' best items: the items are packed once for all
/// users.
pub struct TopItems<'a> {
    draws: &'a [Factors],
    options: TopOptions<'a>,
    places: Places,
    items: Items,
}

/// The packed items, on the host or on a device.
enum Items {
    Here(Packed),
    There(Device),
}

impl<'a> TopItems<'a> {
    /// Packs the items that may be listed.
    ///
    /// # Panics
    /// If `allowed` does not have one mark per item.
    pub fn new(draws: &'a (impl AsRef<[Factors]> + ?Sized), options: &TopOptions<'a>) -> Self {
        let draws = draws.as_ref();
        Self::with(draws, options, |items, _| Ok(Items::Here(right_items(draws, items)))).expect("no device")
    }

    /// As [`new`](Self::new), with the items on a GPU, which then makes the lists. The CPU still makes lists
    /// that are longer than a few hundred items, and those with exploration. The lists are the same.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if the items do not fit,
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    pub fn on(
        gpu: &Gpu,
        draws: &'a (impl AsRef<[Factors]> + ?Sized),
        options: &TopOptions<'a>,
    ) -> Result<Self> {
        let draws = draws.as_ref();
        Self::with(draws, options, |items, options| {
            if Device::can(draws, options) {
                Device::new(gpu, draws, items, options).map(Items::There)
            } else {
                Ok(Items::Here(right_items(draws, items)))
            }
        })
    }

    fn with(
        draws: &'a [Factors],
        options: &TopOptions<'a>,
        put: impl FnOnce(&[u32], &TopOptions) -> Result<Items>,
    ) -> Result<Self> {
        let all = items(draws);
        let chosen = options.chosen(all);
        let options = TopOptions { count: options.count.min(chosen.len()), ..*options };
        let items = put(&chosen, &options)?;
        Ok(Self { draws, options, places: Places::new(chosen, all), items })
    }

    /// The draws.
    pub fn draws(&self) -> &'a [Factors] {
        self.draws
    }

    /// The longest length of a list: as requested, unless there are fewer items.
    pub fn count(&self) -> usize {
        self.options.count
    }

    /// Whether a GPU makes the lists.
    pub fn on_gpu(&self) -> bool {
        matches!(self.items, Items::There(_))
    }

    /// The best number of users for one call of [`of`](Self::of).
    pub fn at_once(&self) -> usize {
        match self.items {
            Items::Here(_) => 4096,
            Items::There(_) => 32 << 10,
        }
    }

    /// For each of `users`, the items of highest score with their scores, best first; equal scores are in the
    /// order of the items' numbers. Scores are in rating units and not clipped, since clipping would make the
    /// top scores equal. With [`TopOptions::explore`] the order is that of the score plus the exploration,
    /// but the returned scores are without it. A user without a row (`None`) gets the items of highest bias
    /// or, of a model of lists, the list of the average user. The result does not depend on the number of
    /// threads.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) or [`Error::Device`](crate::Error::Device) if a GPU makes
    /// the lists and fails.
    ///
    /// # Panics
    /// If a user is not a row of the draws.
    pub fn of(&self, users: &[Option<u32>]) -> Result<Vec<Vec<(u32, f32)>>> {
        let items = match &self.items {
            Items::Here(items) => items,
            Items::There(device) => return device.of((self.draws, &self.options), &self.places, users),
        };
        // With few users, tasks are smaller, so that all threads have work. Tasks are whole groups of users.
        let task = users.len().div_ceil(rayon::current_num_threads()).clamp(1, USERS);
        let tasks = users.par_chunks(task.next_multiple_of(shape().left));
        Ok(tasks.flat_map_iter(|users| self.task(users, items)).collect())
    }

    fn task(&self, users: &[Option<u32>], items: &Packed) -> Vec<Vec<(u32, f32)>> {
        let Self { draws, options, places, .. } = self;
        let constants: Vec<f32> = users.iter().map(|&user| constant(draws, user)).collect();
        let left = left_users(draws, users);
        let seen = users.iter().map(|&user| match (user, options.exclude) {
            (Some(user), Some(rated)) => rated.items(user),
            _ => &[],
        });
        let wanted = (options.count, options.min_score);
        let mut lists = Lists::new((&left, items), (places, Constants::OfRows(&constants)), wanted, seen);
        if options.explores() {
            lists = lists.exploring(options.explore, Squares::new(draws, users));
        }
        walk(&left, items, &mut lists);
        let mut lists = lists.sorted();
        if options.explores() {
            for (&user, list) in users.iter().zip(&mut lists) {
                list.iter_mut().for_each(|(item, ranked)| *ranked = score(*draws, user, Some(*item)));
            }
        }
        lists
    }
}

/// The number of multiplications for the lists of this many users, if all items are scored.
pub fn multiplications(draws: &(impl AsRef<[Factors]> + ?Sized), users: usize) -> u64 {
    let draws = draws.as_ref();
    (users as u64).saturating_mul(items(draws) as u64).saturating_mul(width(draws) as u64)
}

/// Makes the lists of [`TopItems::of`] in one call, on the CPU.
///
/// # Panics
/// If a user is not a row of the draws, or if `allowed` does not have one mark per item.
pub fn top_items<User>(
    draws: &(impl AsRef<[Factors]> + ?Sized),
    users: &[User],
    options: &TopOptions,
) -> Vec<Vec<(u32, f32)>>
where
    User: Copy + Into<Option<u32>>,
{
    let users: Vec<Option<u32>> = users.iter().map(|&user| user.into()).collect();
    TopItems::new(draws, options).of(&users).expect("no device")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Matrix;
    use crate::math::philox::{Purpose, Stream};
    use crate::model::{Model, Rated};
    use crate::ratings::{IdMap, Ratings};
    use crate::score::TopUsers;
    use rand::RngExt;

    const USERS: usize = 30;
    const ITEMS: usize = 70;

    /// Two draws of random numbers.
    fn draws() -> Vec<Factors> {
        let mut stream = Stream::new(1, Purpose::Init, 0);
        let mut numbers = |count| (0..count).map(|_| stream.random::<f32>() - 0.5).collect::<Vec<f32>>();
        let mut draw = || Factors {
            users: Matrix::from_vec(USERS, 5, numbers(USERS * 5)),
            items: Matrix::from_vec(ITEMS, 5, numbers(ITEMS * 5)),
            user_bias: numbers(USERS),
            item_bias: numbers(ITEMS),
            mean: 3.5,
            scale: 1.25,
            ..Factors::default()
        };
        vec![draw(), draw()]
    }

    /// Ratings in a seventh of all cells.
    fn rated() -> Rated {
        let mut ratings = Ratings::default();
        for user in 0..USERS as u32 {
            (user % 7..ITEMS as u32).step_by(7).for_each(|item| ratings.push(user, item, 1.0));
        }
        Rated::from_ratings(&ratings, USERS, ITEMS)
    }

    /// All items of a user by their scores, without those that are rated or not allowed.
    fn sorted(draws: &[Factors], user: u32, options: &TopOptions) -> Vec<(u32, f32)> {
        let listed = |&item: &u32| {
            let rated = options.exclude.is_some_and(|rated| rated.get(user, item).is_some());
            !rated && options.allowed.is_none_or(|allowed| allowed[item as usize])
        };
        let mut list: Vec<(u32, f32)> = (0..ITEMS as u32)
            .filter(listed)
            .map(|item| (item, score(draws, Some(user), Some(item))))
            .collect();
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        list.truncate(options.count);
        list
    }

    /// Training has factors and row numbers, but neither ids nor a model.
    #[test]
    fn lists_of_bare_factors_are_those_of_the_model() {
        let (draws, rated) = (draws(), rated());
        let ids = |count: usize| {
            let mut ids = IdMap::new();
            (0..count).for_each(|n| assert_eq!(ids.number(n.to_string().as_bytes()) as usize, n));
            ids
        };
        let model = Model { draws: draws.clone(), users: ids(USERS), items: ids(ITEMS), ..Model::default() };
        let users: Vec<u32> = (0..USERS as u32).collect();
        let allowed: Vec<bool> = (0..ITEMS).map(|item| item % 3 != 1).collect();
        for (exclude, allowed) in [(None, None), (Some(&rated), None), (Some(&rated), Some(&allowed[..]))] {
            let options = TopOptions { count: 9, exclude, allowed, ..TopOptions::default() };
            let lists = top_items(&draws, &users, &options);
            assert_eq!(lists, top_items(&model, &users, &options));
            for (&user, list) in users.iter().zip(&lists) {
                assert_eq!(*list, sorted(&draws, user, &options), "user {user}");
            }
            let explored = TopOptions { explore: 1.0, ..options };
            let explored_lists = top_items(&draws, &users, &explored);
            assert_eq!(explored_lists, top_items(&model, &users, &explored));
            assert_ne!(explored_lists, lists, "two draws differ");
        }
        let options = TopOptions { count: 9, exclude: Some(&rated), ..TopOptions::default() };
        let items: Vec<u32> = (0..ITEMS as u32).collect();
        let (of_draws, of_model) = (TopUsers::new(&draws, &options), TopUsers::new(&model, &options));
        assert_eq!(of_draws.of(&items), of_model.of(&items));
        assert_eq!(multiplications(&draws, USERS), multiplications(&model, USERS));
        // One set of factors is a slice of one draw.
        let one = std::slice::from_ref(&draws[0]);
        assert_eq!(top_items(one, &[3_u32], &options), [sorted(one, 3, &options)]);
    }
}
