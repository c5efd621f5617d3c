//! The planted truth: biases and factors from which ratings are made.

use super::GenerateOptions;
use super::popularity::normal;
use crate::math::philox::{Purpose, Stream};

/// The mean rating, as a part of the scale; people rate what they like.
const CENTRE: f64 = 0.62;
/// Standard deviations as parts of the scale: of user biases, item biases, and `p . q`.
const USER_BIAS: f64 = 0.09;
const ITEM_BIAS: f64 = 0.10;
const SIGNAL: f64 = 0.15;

/// The bias, in rating units, and the factors of a user or an item.
pub(super) struct Vector {
    pub(super) bias: f32,
    pub(super) factors: Vec<f32>,
}

/// The vector of a user; it depends on the seed and the user alone.
pub(super) fn user(options: &GenerateOptions, user: u32) -> Vector {
    vector(options, USER_BIAS, 2 * u64::from(user))
}

/// The vector of an item.
pub(super) fn item(options: &GenerateOptions, item: u32) -> Vector {
    vector(options, ITEM_BIAS, 2 * u64::from(item) + 1)
}

fn vector(options: &GenerateOptions, spread: f64, index: u64) -> Vector {
    let mut random = Stream::new(options.seed, Purpose::Planted, index);
    let span = f64::from(options.max - options.min);
    let bias = (spread * span * normal(&mut random)) as f32;
    // The variance of p . q is rank times the square of one factor's.
    let size = (SIGNAL * span).sqrt() / (options.rank.max(1) as f64).powf(0.25);
    let factors = (0..options.rank).map(|_| (size * normal(&mut random)) as f32).collect();
    Vector { bias, factors }
}

/// The rating without noise, clipped to the scale.
pub(super) fn truth(options: &GenerateOptions, user: &Vector, item: &Vector) -> f32 {
    let centre = options.min + CENTRE as f32 * (options.max - options.min);
    let dot = user.factors.iter().zip(&item.factors).fold(0.0, |sum, (p, q)| sum + p * q);
    (centre + user.bias + item.bias + dot).clamp(options.min, options.max)
}
