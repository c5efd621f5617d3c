//! Stages: groups of users of about equal work, each with its ratings by user and by item.
//!
//! Alternating the two sides within a group of users, then going on to the next group, converges in half the
//! epochs of a plain alternation (docs/maths.md, "Stages").

use super::deal::{count, dealt};
use super::{Ratings, Rows, Scale, Side};
use crate::math::philox::{Purpose, bits, key};
use rayon::prelude::*;

/// One group of users.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    /// The group's ratings, by user.
    pub users: Rows,
    /// The same ratings, by item.
    pub items: Rows,
}

impl Stage {
    /// The ratings by one side.
    pub fn of(&self, side: Side) -> &Rows {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }
}

/// Ratings ready for training: in standard units, renumbered, cut into stages.
///
/// Inside, users are numbered stage by stage and busiest first within one; items most popular first. So rows that
/// are used together lie together, and long rows are begun before short ones.
#[derive(Debug, Clone, Default)]
pub struct Staged {
    /// The stages.
    pub stages: Vec<Stage>,
    /// The training number of each user of the data set.
    pub user_place: Vec<u32>,
    /// The training number of each item of the data set.
    pub item_place: Vec<u32>,
    /// How many ratings each user has, by training number.
    pub user_activity: Vec<u32>,
    /// How many ratings each item has, by training number.
    pub item_activity: Vec<u32>,
    /// How many ratings there are.
    pub ratings: usize,
}

impl Staged {
    /// Cuts `ratings` of `users` x `items` into `stages` groups. Values come to standard units.
    pub fn build(
        ratings: &Ratings,
        (users, items): (usize, usize),
        stages: usize,
        scale: Scale,
        seed: u64,
    ) -> Self {
        let user_count = count(&ratings.users, users);
        let item_count = count(&ratings.items, items);
        let stage_of = assign(&user_count, ratings.len(), stages, seed);
        let user_place = places(users, |user| (stage_of[user], u32::MAX - user_count[user]));
        let item_place = places(items, |item| (0, u32::MAX - item_count[item]));

        let cut = dealt(ratings, &stage_of, stages, |(user, item, value)| {
            (user_place[user as usize], item_place[item as usize], scale.standard(value))
        });
        let stages = cut.into_par_iter().map(|part| Stage {
            users: Rows::group(&part, Side::User, users, seed),
            items: Rows::group(&part, Side::Item, items, seed),
        });
        Self {
            stages: stages.collect(),
            user_activity: moved(&user_count, &user_place),
            item_activity: moved(&item_count, &item_place),
            user_place,
            item_place,
            ratings: ratings.len(),
        }
    }

    /// How many ratings each row of a side has, by training number.
    pub fn activity(&self, side: Side) -> &[u32] {
        match side {
            Side::User => &self.user_activity,
            Side::Item => &self.item_activity,
        }
    }

    /// The rows of a side that have ratings, and the share of the other side's such rows that each has ratings of.
    pub fn known(&self, side: Side) -> (Vec<u32>, Vec<f32>) {
        let known = |activity: &[u32]| -> Vec<u32> {
            (0..).zip(activity).filter(|&(_, &count)| count > 0).map(|(row, _)| row).collect()
        };
        let activity = self.activity(side);
        let (rows, others) = (known(activity), known(self.activity(side.other())).len());
        let share = |&row: &u32| activity[row as usize] as f32 / others as f32;
        let shares = rows.iter().map(share).collect();
        (rows, shares)
    }

    /// How many users there are.
    pub fn users(&self) -> usize {
        self.user_place.len()
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.item_place.len()
    }
}

fn moved(counts: &[u32], place: &[u32]) -> Vec<u32> {
    let mut moved = vec![0; counts.len()];
    place.iter().zip(counts).for_each(|(&place, &count)| moved[place as usize] = count);
    moved
}

/// The place of each row when rows are sorted by `order`, and by number where that is equal.
fn places(size: usize, order: impl Fn(usize) -> (u32, u32) + Sync) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..size as u32).collect();
    sorted.par_sort_by_cached_key(|&n| (order(n as usize), n));
    let mut places = vec![0; size];
    sorted.iter().enumerate().for_each(|(place, &n)| places[n as usize] = place as u32);
    places
}

/// Deals users in a seeded random order to stages, so that each gets about the same number of ratings.
fn assign(activity: &[u32], total: usize, stages: usize, seed: u64) -> Vec<u32> {
    let key = key(seed, Purpose::Stage);
    let mut order: Vec<u32> = (0..activity.len() as u32).collect();
    order.par_sort_by_cached_key(|&user| (bits(key, u64::from(user)), user));
    let mut stage_of = vec![0; activity.len()];
    let mut before = 0u64;
    for user in order {
        stage_of[user as usize] =
            ((before * stages as u64 / total.max(1) as u64) as usize).min(stages - 1) as u32;
        before += u64::from(activity[user as usize]);
    }
    stage_of
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rating_stands_once_on_each_side() {
        let mut ratings = Ratings::default();
        (0..3000u32).for_each(|n| ratings.push(n * n % 97, n * 7 % 53, (n % 5) as f32));
        let scale = Scale::of(&ratings);
        let staged = Staged::build(&ratings, (97, 53), 4, scale, 3);
        let mut expected: Vec<(u32, u32, i32)> = ratings
            .iter()
            .map(|(u, i, v)| (staged.user_place[u as usize], staged.item_place[i as usize], v as i32))
            .collect();
        expected.sort_unstable();
        for side in [Side::User, Side::Item] {
            let mut found = Vec::new();
            for stage in &staged.stages {
                let rows = if side == Side::User { &stage.users } else { &stage.items };
                for n in 0..rows.len() {
                    for at in rows.span(n) {
                        let (row, other) = (rows.row[n], rows.other[at]);
                        let value = f64::from(rows.value[at]) * scale.deviation + scale.mean;
                        let (user, item) = if side == Side::User { (row, other) } else { (other, row) };
                        found.push((user, item, value.round() as i32));
                    }
                }
            }
            found.sort_unstable();
            assert_eq!(found, expected, "{side:?}");
        }
        let sizes: Vec<usize> = staged.stages.iter().map(|stage| stage.users.value.len()).collect();
        assert!(sizes.iter().all(|&size| (600..900).contains(&size)), "{sizes:?}");
        let stages = staged.stages.iter().map(|s| s.users.row.iter().copied().collect::<BTreeSet<u32>>());
        assert_eq!(
            stages.map(|users| users.len()).sum::<usize>(),
            ratings.users.iter().collect::<BTreeSet<_>>().len()
        );
    }
}
