//! A planted matrix, training on it, and the distance of the result from the truth.

use crate::learning::{cpu, training, unwatched};
use crate::planted::Planted;
use mfgpu::Result;
use mfgpu::model::Factors;
use mfgpu::ratings::Ratings;
use mfgpu::train::{Event, HeldOut, Outcome, Settings, Training, train};
use std::ops::ControlFlow;

/// Trains on the CPU.
pub(crate) fn run(
    ratings: &Ratings,
    settings: &Settings,
    observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
) -> Result<Outcome> {
    run_with(ratings, HeldOut::Random, settings, observe)
}

/// As [`run`], with a choice of the validation ratings.
pub(crate) fn run_with(
    ratings: &Ratings,
    held_out: HeldOut,
    settings: &Settings,
    observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
) -> Result<Outcome> {
    let count = |numbers: &[u32]| numbers.iter().max().map_or(0, |&most| most as usize + 1);
    let size = (count(&ratings.users), count(&ratings.items));
    train(Training { held_out, ..training(ratings, size) }, settings, &mut cpu, observe)
}

/// As [`run`], with the true values of other cells as the test, and without an observer; returns that test,
/// too.
pub(crate) fn learn_beside(
    ratings: &Ratings,
    cells: &[(usize, usize, f64)],
    settings: &Settings,
) -> (Outcome, Ratings) {
    let mut test = Ratings::default();
    cells.iter().for_each(|&(user, item, truth)| test.push(user as u32, item as u32, truth as f32));
    let training = Training { test: Some(&test), ..training(ratings, (300, 120)) };
    let outcome = train(training, settings, &mut cpu, &mut unwatched).expect("it trains");
    (outcome, test)
}

/// RMSE of the mean prediction of `draws`, clipped to the scale of the ratings that were trained on.
pub(crate) fn clipped_rmse(draws: &[Factors], ratings: &Ratings, test: &Ratings) -> f64 {
    let scale = mfgpu::ratings::Scale::of(ratings);
    let square = |(user, item, value): (u32, u32, f32)| {
        let sum: f64 = draws.iter().map(|draw| predict(draw, user as usize, item as usize)).sum();
        let mean = (sum / draws.len() as f64).clamp(scale.low.into(), scale.high.into());
        (mean - f64::from(value)).powi(2)
    };
    (test.iter().map(square).sum::<f64>() / test.len() as f64).sqrt()
}

/// As [`run`], without an observer.
pub(crate) fn learn(ratings: &Ratings, settings: &Settings) -> Outcome {
    run(ratings, settings, &mut unwatched).expect("it trains")
}

/// A prediction in rating units, not clipped.
pub(crate) fn predict(factors: &Factors, user: usize, item: usize) -> f64 {
    let product: f32 = factors.users.row(user).iter().zip(factors.items.row(item)).map(|(p, q)| p * q).sum();
    let standard = factors.user_bias[user] + factors.item_bias[item] + product;
    f64::from(factors.mean + factors.scale * standard)
}

/// Two thirds of the cells of 300 users and 120 items; and the remaining cells with their true values.
pub(crate) fn planted(noise: f64) -> (Ratings, Vec<(usize, usize, f64)>) {
    Planted { noise, ..Planted::new(300, 120) }.grow()
}

/// The root of the mean squared distance from the truth.
pub(crate) fn error(factors: &Factors, cells: &[(usize, usize, f64)]) -> f64 {
    let square = |&(user, item, truth): &(usize, usize, f64)| (predict(factors, user, item) - truth).powi(2);
    (cells.iter().map(square).sum::<f64>() / cells.len() as f64).sqrt()
}
