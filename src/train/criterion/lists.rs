//! The quality of the lists of a state: held-out ratings are sought in lists over the whole catalogue, without
//! the items that were trained on, as an evaluation does it (docs/metrics.md, "Rankings").

use super::kind::ListMetric;
use crate::Result;
use crate::eval::{ListMetrics, list_metrics};
use crate::math::Matrix;
use crate::math::philox::{Purpose, key, philox};
use crate::model::{Factors, Rated};
use crate::ratings::{At, Ratings, Side};
use crate::score::{TopItems, TopOptions};
use crate::train::engine::Engine;
use crate::train::problem::{Problem, Set};
use rayon::prelude::*;

/// The largest number of users whose lists are made. Paired differences of .003 show.
const USERS: usize = 2000;

/// The number of rows that are read off the device at a time.
const ROWS: usize = 1 << 16;

/// The users of this rank whose lists are measured, in training positions.
struct Sought {
    /// Ascending.
    users: Vec<u32>,
    /// The relevant items of each, ascending.
    relevant: Vec<Vec<u32>>,
}

/// The metric of the lists of an engine's state; 0 if no user has a relevant rating in the set.
pub(super) fn measure(
    engine: &mut dyn Engine,
    problem: &Problem,
    set: Set,
    (metric, length): (ListMetric, usize),
) -> Result<f64> {
    let all = users(problem, set);
    if all.is_empty() {
        return Ok(0.0);
    }
    let own = all.iter().copied().filter(|&user| problem.share.owns(user)).collect();
    let sought = Sought::new(problem, set, own);
    let seen = seen(problem, set, &sought.users)?;
    let values = measure_users(engine, problem, (&sought, seen), (metric, length))?;
    let values = engine.gather_numbers(values)?;
    // They come rank by rank; their sum does not depend on the number of ranks.
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by_key(|&place| problem.share.owner(all[place]));
    let mut sorted = vec![0.0; all.len()];
    places.into_iter().zip(values).for_each(|(place, value)| sorted[place] = value);
    Ok(sorted.iter().sum::<f64>() / sorted.len() as f64)
}

/// The metric of the list of each user.
fn measure_users(
    engine: &mut dyn Engine,
    problem: &Problem,
    (sought, seen): (&Sought, &Rated),
    (metric, length): (ListMetric, usize),
) -> Result<Vec<f64>> {
    if sought.users.is_empty() {
        return Ok(Vec::new());
    }
    let factors = vec![factors(engine, &sought.users)?];
    // Items without ratings are zero in a model, and here as they began.
    let rated: Vec<bool> = problem.staged.activity.items.iter().map(|&count| count > 0).collect();
    let options =
        TopOptions { count: length, exclude: Some(seen), allowed: Some(&rated), ..TopOptions::default() };
    let top = TopItems::new(&factors, &options);
    let numbers: Vec<Option<u32>> = (0..sought.users.len() as u32).map(Some).collect();
    let lists = top.of(&numbers)?;
    let value = |(list, relevant): (&Vec<(u32, f32)>, &Vec<u32>)| {
        let hits: Vec<bool> = list.iter().map(|(item, _)| relevant.binary_search(item).is_ok()).collect();
        metric.of(&list_metrics(&hits, relevant.len(), length))
    };
    Ok(lists.par_iter().zip(&sought.relevant).map(value).collect())
}

/// The users whose lists are measured, ascending; the same ones in every measurement of a problem.
fn users(problem: &Problem, set: Set) -> Vec<u32> {
    let mut users: Vec<u32> = problem.relevant[set as usize].iter().map(|(user, _)| *user).collect();
    users.par_sort_unstable();
    users.dedup();
    if users.len() > USERS {
        let place = key(0, Purpose::Sample);
        users.sort_by_cached_key(|&user| (philox([user, 0, 0, 0], place)[0], user));
        users.truncate(USERS);
        users.sort_unstable();
    }
    users
}

impl ListMetric {
    fn of(self, metrics: &ListMetrics) -> f64 {
        match self {
            Self::Precision => metrics.precision,
            Self::Recall => metrics.recall,
            Self::Ndcg => metrics.ndcg,
            Self::Map => metrics.average_precision,
            Self::Mrr => metrics.reciprocal_rank,
            Self::HitRate => metrics.hit,
        }
    }
}

impl Sought {
    fn new(problem: &Problem, set: Set, users: Vec<u32>) -> Self {
        let pairs = &problem.relevant[set as usize];
        let mut relevant: Vec<Vec<u32>> = vec![Vec::new(); users.len()];
        for &(user, item) in pairs {
            if let Ok(place) = users.binary_search(&user) {
                relevant[place].push(item);
            }
        }
        for items in &mut relevant {
            items.sort_unstable();
            items.dedup();
        }
        Self { users, relevant }
    }
}

/// The items that users were trained on, by the place in `users`, which are the same for a set each time.
fn seen<'a>(problem: &'a Problem, set: Set, users: &[u32]) -> Result<&'a Rated> {
    let known = &problem.seen[set as usize];
    if let Some(seen) = known.get() {
        return Ok(seen);
    }
    let mut seen = Ratings::default();
    for stage in 0..problem.staged.stages() {
        problem.staged.each_piece(At { stage, side: Side::User }, |_, rows| {
            for (place, user) in (0..).zip(users) {
                let Ok(entry) = rows.row.binary_search(user) else { continue };
                let ratings = rows.ratings.part(rows.span(entry));
                (0..ratings.len()).for_each(|n| seen.push(place, ratings.other(n), 1.0));
            }
            Ok(())
        })?;
    }
    let items = problem.staged.position.items.len();
    Ok(known.get_or_init(|| Rated::from_ratings(&seen, users.len(), items)))
}

/// The rows of some users, which ascend, and of all items.
fn factors(engine: &mut dyn Engine, users: &[u32]) -> Result<Factors> {
    let items = engine.read_rows(Side::Item, 0..engine.size(Side::Item))?;
    let columns = items.factors.columns();
    let (mut rows, mut user_bias) = (Matrix::zeros(users.len(), columns), Vec::new());
    let mut place = 0;
    for first in (0..engine.size(Side::User)).step_by(ROWS) {
        let end = (first + ROWS).min(engine.size(Side::User));
        let count = users[place..].partition_point(|&user| (user as usize) < end);
        if count > 0 {
            let part = engine.read_rows(Side::User, first..end)?;
            for &user in &users[place..place + count] {
                let row = user as usize - first;
                rows.row_mut(user_bias.len()).copy_from_slice(part.factors.row(row));
                user_bias.push(part.rows[row].bias);
            }
            place += count;
        }
    }
    let item_bias = items.rows.iter().map(|row| row.bias).collect();
    Ok(Factors { users: rows, items: items.factors, user_bias, item_bias, scale: 1.0, ..Factors::default() })
}
