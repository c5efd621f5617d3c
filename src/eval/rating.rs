//! Errors of predicted ratings, of the model and of the baselines, user by user.

use super::baseline::Biases;
use super::bootstrap::Sums;
use super::by_user::{ByUser, TestRating};
use super::evaluation::{Estimate, Rating, RatingMetric};
use super::options::EvaluationOptions;
use crate::Result;
use crate::model::Model;
use crate::score::predict;
use crate::stop::Stop;
use rayon::prelude::*;

/// The number of ratings of a user; then squared and absolute errors of the model, of biases, of the mean.
const COLUMNS: usize = 7;

/// The counts for a user: ratings of unknown users, of unknown items, and of pairs that were trained on.
type Counts = [u64; 3];

/// Predicts the test ratings and compares. `rated` says for each item whether it has training ratings.
pub(super) fn rating(
    model: &Model,
    test: &ByUser,
    biases: &Biases,
    rated: &[bool],
    (options, stop): (&EvaluationOptions, &Stop),
) -> Result<Rating> {
    let users: Vec<([f64; COLUMNS], Counts)> = (0..test.len())
        .into_par_iter()
        .map(|n| {
            let user = test.users[n];
            (errors(model, user, test.of(n), biases), counts(model, user, test.of(n), rated))
        })
        .collect();
    let mut sums = Sums::new(COLUMNS);
    sums.extend(users.iter().flat_map(|(row, _)| *row));
    let mut counted = [0; 3];
    users
        .iter()
        .for_each(|(_, counts)| counted.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count));
    let values = sums.estimates();
    let intervals = sums.intervals(options.resamples, options.seed, stop)?;
    let estimate = |column: usize, unit: fn(f64) -> f64| {
        let interval = intervals.as_ref().map(|intervals| intervals[column].map(unit));
        Estimate { value: unit(values[column]), interval }
    };
    let metric = |first: usize, unit: fn(f64) -> f64| RatingMetric {
        model: estimate(first, unit),
        biases: estimate(first + 2, unit),
        mean: estimate(first + 4, unit),
    };
    Ok(Rating {
        ratings: (0..test.len()).map(|n| test.of(n).len() as u64).sum(),
        users: test.len() as u64,
        items: test.items as u64,
        unknown_users: counted[0],
        unknown_items: counted[1],
        trained_on: counted[2],
        rmse: metric(0, f64::sqrt),
        mae: metric(1, |error| error),
    })
}

fn errors(model: &Model, user: Option<u32>, ratings: &[TestRating], biases: &Biases) -> [f64; COLUMNS] {
    let [squares, absolute] = of_model(model, user, ratings);
    let [biased, biased_absolute, mean, mean_absolute] = of_baselines(biases, model.range, user, ratings);
    [ratings.len() as f64, squares, absolute, biased, biased_absolute, mean, mean_absolute]
}

/// The summed squared and absolute errors of a model for the ratings of a user.
pub(super) fn of_model(model: &Model, user: Option<u32>, ratings: &[TestRating]) -> [f64; 2] {
    sum(ratings, |item| f64::from(predict(model, user, item)))
}

/// The same of biases, clipped to a range, and of the mean.
pub(super) fn of_baselines(
    biases: &Biases,
    range: (f32, f32),
    user: Option<u32>,
    ratings: &[TestRating],
) -> [f64; 4] {
    let (low, high) = (f64::from(range.0), f64::from(range.1));
    let [squares, absolute] = sum(ratings, |item| biases.predict(user, item).clamp(low, high));
    let [mean, mean_absolute] = sum(ratings, |_| biases.mean);
    [squares, absolute, mean, mean_absolute]
}

fn sum(ratings: &[TestRating], predict: impl Fn(Option<u32>) -> f64) -> [f64; 2] {
    ratings.iter().fold([0.0; 2], |[squares, absolute], &TestRating { item, value }| {
        let error = f64::from(value) - predict(item);
        [squares + error * error, absolute + error.abs()]
    })
}

fn counts(model: &Model, user: Option<u32>, ratings: &[TestRating], rated: &[bool]) -> Counts {
    let seen = user.map_or(&[][..], |user| model.rated.items(user));
    let unknown = if seen.is_empty() { ratings.len() as u64 } else { 0 };
    let count =
        |test: &dyn Fn(Option<u32>) -> bool| ratings.iter().filter(|rating| test(rating.item)).count() as u64;
    let new = count(&|item| item.is_none_or(|item| !rated[item as usize]));
    [unknown, new, count(&|item| item.is_some_and(|item| seen.binary_search(&item).is_ok()))]
}
