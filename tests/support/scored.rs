//! Models of random numbers, and a plain `f64` oracle that scores every cell and sorts.

use crate::models::Small;
use mfgpu::model::{Factors, Model};
use mfgpu::score::TopOptions;
use std::collections::HashMap;

/// A model of users `u0`, `u1`, .. and items `i"0`, `i"1`, .., which need quotes; a seventh of the cells is
/// known.
pub(crate) fn model(users: usize, items: usize, factors: usize, draws: usize) -> Model {
    let small = Small {
        users,
        items,
        factors,
        draws,
        mean: 3.5,
        scale: 1.25,
        with_deviations: true,
        item_id: |number| format!("i\"{number}").into_bytes(),
        seed: factors as u64,
        ..Small::default()
    };
    small.model()
}

/// The formula of one draw, cell by cell.
pub(crate) fn oracle_of_draw(draw: &Factors, user: Option<u32>, item: Option<u32>) -> f64 {
    let mut inner = 0.0;
    if let Some(user) = user {
        inner += f64::from(draw.user_bias[user as usize]);
    }
    if let Some(item) = item {
        inner += f64::from(draw.item_bias[item as usize]);
    }
    if let (Some(user), Some(item)) = (user, item) {
        for factor in 0..draw.users.columns() {
            let p = draw.users.row(user as usize)[factor];
            inner += f64::from(p) * f64::from(draw.items.row(item as usize)[factor]);
        }
    }
    f64::from(draw.mean) + f64::from(draw.scale) * inner
}

/// The mean over the draws.
pub(crate) fn oracle(model: &Model, user: Option<u32>, item: Option<u32>) -> f64 {
    let sum: f64 = model.draws.iter().map(|draw| oracle_of_draw(draw, user, item)).sum();
    sum / model.draws.len() as f64
}

/// The largest deviation of an `f32` sum from the oracle: an `epsilon` per addition, of numbers below 8.
pub(crate) fn tolerance(model: &Model) -> f64 {
    8.0 * f64::from(f32::EPSILON) * (model.draws[0].users.columns() + model.draws.len() + 4) as f64
}

/// Every item of a user with its score by the oracle, best first.
pub(crate) fn ranking(model: &Model, user: Option<u32>, options: &TopOptions) -> Vec<(u32, f64)> {
    let mut all: Vec<(u32, f64)> = (0..model.items.len() as u32)
        .filter(|&item| options.allowed.is_none_or(|allowed| allowed[item as usize]))
        .filter(|&item| match (user, options.exclude) {
            (Some(user), Some(rated)) => rated.get(user, item).is_none(),
            _ => true,
        })
        .map(|item| (item, oracle(model, user, Some(item))))
        .filter(|&(_, score)| score >= f64::from(options.min_score))
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all
}

/// Whether a list is the head of a ranking, up to rounding: each rank has a score as good as the oracle's and
/// an item with that score, and no item appears twice.
pub(crate) fn heads(found: &[(u32, f32)], ranking: &[(u32, f64)], count: usize, tolerance: f64) -> bool {
    let scores: HashMap<u32, f64> = ranking.iter().copied().collect();
    let unique: std::collections::HashSet<u32> = found.iter().map(|entry| entry.0).collect();
    found.len() == count.min(ranking.len())
        && unique.len() == found.len()
        && found.iter().zip(ranking).all(|(&(item, score), &(_, best))| {
            let score = f64::from(score);
            (score - best).abs() < tolerance
                && scores.get(&item).is_some_and(|own| (own - score).abs() < tolerance)
        })
}
