//! The activity of users and the popularity of items: on both sides a few have most of the ratings, as in
//! real data.

use super::GenerateOptions;
use crate::math::philox::{Purpose, Stream};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// The spread of the users' activity, log-normal: at Netflix the mean is twice the median (209 and 96).
const ACTIVITY: f64 = 1.2;
/// Popularity falls with the rank as `(rank / items + KNEE)^-2`. At Netflix the busiest of 17,770 items has
/// 41 times the mean, and the median item a tenth of it; since nobody rates an item twice, the weights must
/// be higher.
const KNEE: f64 = 0.013;
/// The largest part of the items that one user rates, where there is a choice.
const MOST: f64 = 0.6;

/// Standard normal, by Box and Muller: two words a number, never more, so that streams stay in step.
pub(super) fn normal(random: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.random::<f64>()).cos()
}

/// How many ratings each user gives: log-normal, at least one, at most [`MOST`] of the items,
/// `options.ratings` in all.
pub(super) fn activity(options: &GenerateOptions) -> Vec<u32> {
    let mut random = Stream::new(options.seed, Purpose::Generate, u64::MAX);
    let weights: Vec<f64> = (0..options.users).map(|_| (ACTIVITY * normal(&mut random)).exp()).collect();
    let items = f64::from(options.items);
    let mean = options.ratings as f64 / f64::from(options.users);
    let most = if mean < MOST / 2.0 * items { (MOST * items).ceil() } else { items };
    let share = |weight: f64, factor: f64| (weight * factor).clamp(1.0, most);
    let total = |factor: f64| weights.iter().map(|&weight| share(weight, factor)).sum::<f64>();
    // The factor that gives the wanted total, by halving; the total grows with it.
    let (mut low, mut high) = (0.0, 1.0);
    while total(high) < options.ratings as f64 && high < 1e30 {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if total(middle) < options.ratings as f64 { low = middle } else { high = middle }
    }
    // The remainder of rounding down goes to the next user who may rate more, so that the total is exact.
    let mut carried = 0.0;
    let mut counts: Vec<u32> = weights
        .iter()
        .map(|&weight| {
            let exact = share(weight, high) + carried;
            let count = exact.floor().clamp(1.0, most);
            carried = exact - count;
            count as u32
        })
        .collect();
    let mut given: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    while given != options.ratings {
        for count in &mut counts {
            if given < options.ratings && *count < options.items {
                *count += 1;
                given += 1;
            } else if given > options.ratings && *count > 1 {
                *count -= 1;
                given -= 1;
            }
        }
    }
    counts
}

/// The items by popularity, and a way to draw from them.
pub(super) struct Popularity {
    /// Probability of each item, and for the alias method (Walker 1977) a threshold and another item.
    weights: Vec<f64>,
    alias: Vec<(f64, u32)>,
}

impl Popularity {
    /// A popularity for each item; which item is the popular one is random.
    pub(super) fn new(options: &GenerateOptions) -> Self {
        let items = options.items as usize;
        let mut weights: Vec<f64> =
            (0..items).map(|rank| ((rank as f64 + 0.5) / items as f64 + KNEE).powi(-2)).collect();
        let total: f64 = weights.iter().sum();
        for weight in &mut weights {
            *weight /= total;
        }
        weights.shuffle(&mut Stream::new(options.seed, Purpose::Planted, u64::MAX));
        let alias = alias(&weights);
        Self { weights, alias }
    }

    /// Draws `count` different items, one after another, each by popularity among those that are left; then
    /// puts them in random order. `taken` has an entry for each item, none equal to `mark`.
    pub(super) fn draw(
        &self,
        random: &mut Stream,
        count: usize,
        taken: &mut [u32],
        mark: u32,
        items: &mut Vec<u32>,
    ) {
        items.clear();
        let all = self.weights.len();
        if count > all / 16 {
            // The same distribution in one pass: the first of exponential clocks (Efraimidis, Spirakis 2006).
            let mut clocks: Vec<(f64, u32)> = (self.weights.iter().zip(0..))
                .map(|(&weight, item)| (-(1.0 - random.random::<f64>()).ln() / weight, item))
                .collect();
            if count < all {
                clocks.select_nth_unstable_by(count, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            }
            items.extend(clocks[..count].iter().map(|clock| clock.1));
            items.sort_unstable();
        } else {
            while items.len() < count {
                let column = random.random_range(0..all);
                let (threshold, other) = self.alias[column];
                let item = if random.random::<f64>() < threshold { column as u32 } else { other };
                if taken[item as usize] != mark {
                    taken[item as usize] = mark;
                    items.push(item);
                }
            }
        }
        items.shuffle(random);
    }
}

/// Walker's table: column `n` stands for `n` below its threshold and for its other item above.
fn alias(weights: &[f64]) -> Vec<(f64, u32)> {
    let mut table: Vec<(f64, u32)> =
        weights.iter().zip(0..).map(|(weight, item)| (weight * weights.len() as f64, item)).collect();
    let (mut small, mut large): (Vec<u32>, Vec<u32>) =
        (0..weights.len() as u32).partition(|&item| table[item as usize].0 < 1.0);
    while let (Some(under), Some(&over)) = (small.pop(), large.last()) {
        table[under as usize].1 = over;
        table[over as usize].0 -= 1.0 - table[under as usize].0;
        if table[over as usize].0 < 1.0 {
            large.pop();
            small.push(over);
        }
    }
    // The remaining entries differ from 1 by rounding only.
    small.into_iter().chain(large).for_each(|item| table[item as usize] = (1.0, item));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_gives_back_the_weights() {
        let weights = [0.5, 0.25, 0.125, 0.0625, 0.0625];
        let mut found = [0.0; 5];
        for (column, (threshold, other)) in alias(&weights).into_iter().enumerate() {
            found[column] += threshold / 5.0;
            found[other as usize] += (1.0 - threshold) / 5.0;
        }
        assert!(found.iter().zip(weights).all(|(found, weight)| (found - weight).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn both_ways_to_draw_are_one_distribution() {
        let options = GenerateOptions { items: 64, ..GenerateOptions::default() };
        let popularity = Popularity::new(&options);
        // 4 of 64 items by rejection, and the first 4 of 64 clocks, which is what more than 4 are drawn by.
        let mut counts = [[0_f64; 64]; 2];
        let (mut taken, mut items) = (vec![u32::MAX; 64], Vec::new());
        for trial in 0..40_000_u32 {
            let mut random = Stream::new(1, Purpose::Generate, trial.into());
            popularity.draw(&mut random, 4, &mut taken, trial, &mut items);
            for &item in &items {
                counts[0][item as usize] += 1.0;
            }
            let mut clocks: Vec<(f64, usize)> = (popularity.weights.iter().zip(0..))
                .map(|(&weight, item)| (-(1.0 - random.random::<f64>()).ln() / weight, item))
                .collect();
            clocks.sort_by(|a, b| a.0.total_cmp(&b.0));
            for clock in &clocks[..4] {
                counts[1][clock.1] += 1.0;
            }
        }
        // The difference of two counts has at most the variance of their sum: 6 standard deviations.
        for (left, right) in counts[0].iter().zip(counts[1]) {
            assert!((left - right).abs() < 6.0 * (left + right).sqrt(), "{left} {right}");
        }
    }

    #[test]
    fn every_user_has_ratings_and_the_total_is_exact() {
        for (users, items, ratings) in
            [(1, 1, 1), (100, 50, 100), (100, 50, 2_345), (100, 50, 4_999), (100, 50, 5_000)]
        {
            let options = GenerateOptions { users, items, ratings, ..GenerateOptions::default() };
            let counts = activity(&options);
            assert_eq!(counts.iter().map(|&count| u64::from(count)).sum::<u64>(), ratings);
            assert!(counts.iter().all(|count| (1..=items).contains(count)));
        }
    }
}
