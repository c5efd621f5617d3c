//! Rating units, and the standard units in which training works.

use super::Ratings;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Ratings that are summed at once, whatever the number of threads, since a sum depends on its order.
const CHUNK: usize = 1 << 16;

/// The map between rating units and standard units: `rating = mean + deviation * standard`.
///
/// In standard units, one learning rate, regularization and initial spread mean the same for 1..5 stars,
/// 0..100 points and -10..10 jokes (docs/maths.md, "Standard units").
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// The arithmetic mean of the ratings.
    pub mean: f64,
    /// Their standard deviation, or 1 if all ratings are equal.
    pub deviation: f64,
    /// The smallest rating.
    pub low: f32,
    /// The largest rating.
    pub high: f32,
    /// How a rating becomes a standard value.
    #[serde(default)]
    pub shape: Shape,
    /// Smaller ratings are dislikes: their standard value is -1.
    #[serde(default)]
    pub dislikes_below: Option<f32>,
}

/// How a value becomes a standard value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// `(value - mean) / deviation`.
    #[default]
    Linear,
    /// `ln(1 + value - mean) / deviation`.
    Log,
    /// `1 / deviation`.
    One,
}

impl Scale {
    /// Measures `ratings`, of which there must be at least one.
    pub fn of(ratings: &Ratings) -> Self {
        let count = ratings.len().max(1) as f64;
        let mean = sum(&ratings.values, |value| value) / count;
        let variance = sum(&ratings.values, |value| (value - mean).powi(2)) / count;
        let deviation = variance.sqrt();
        let negligible = f64::from(f32::EPSILON) * mean.abs().max(f64::from(f32::MIN_POSITIVE));
        Self {
            mean,
            deviation: if deviation > negligible { deviation } else { 1.0 },
            // `total_cmp` orders the two zeros, so chance does not decide which one is kept.
            low: ratings.values.par_iter().copied().min_by(f32::total_cmp).unwrap_or(f32::INFINITY),
            high: ratings.values.par_iter().copied().max_by(f32::total_cmp).unwrap_or(f32::NEG_INFINITY),
            shape: Shape::Linear,
            dislikes_below: None,
        }
    }

    /// Converts a rating to standard units.
    pub fn standard(&self, rating: f32) -> f32 {
        if self.dislikes_below.is_some_and(|from| rating < from) {
            return -1.0;
        }
        let value = match self.shape {
            Shape::Linear => f64::from(rating) - self.mean,
            Shape::Log => (f64::from(rating) - self.mean).max(0.0).ln_1p(),
            Shape::One => 1.0,
        };
        (value / self.deviation) as f32
    }
}

/// The sum of `term` over all values.
fn sum(values: &[f32], term: impl Fn(f64) -> f64 + Sync) -> f64 {
    let part = |values: &[f32]| values.iter().map(|&value| term(value.into())).sum::<f64>();
    let parts: Vec<f64> = values.par_chunks(CHUNK).map(part).collect();
    parts.iter().sum()
}

/// The sum of `term` over the values that are wanted, and their number.
pub(super) fn sum_where(
    values: &[f32],
    wanted: impl Fn(&&f32) -> bool + Sync,
    term: impl Fn(f32) -> f64 + Sync,
) -> (f64, f64) {
    let part = |values: &[f32]| {
        let wanted = values.iter().filter(&wanted);
        wanted.fold((0.0, 0.0), |(sum, count), &value| (sum + term(value), count + 1.0))
    };
    let parts: Vec<(f64, f64)> = values.par_chunks(CHUNK).map(part).collect();
    parts.iter().fold((0.0, 0.0), |all, part| (all.0 + part.0, all.1 + part.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over several chunks, with zeros of either sign.
    #[test]
    fn the_same_on_any_number_of_threads() {
        let mut ratings = Ratings::default();
        for n in 0..5 * CHUNK as u32 / 2 {
            let value = (n % 7) as f32 * 0.25;
            ratings.push(0, 0, if n % 2 == 0 { -0.0 } else { value });
        }
        let scales = [1, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let Scale { mean, deviation, low, high, .. } = pool.install(|| Scale::of(&ratings));
            assert!((mean - 0.375).abs() < 1e-4 && (deviation - 0.5154).abs() < 1e-3, "{mean} {deviation}");
            assert_eq!((low.to_bits(), high.to_bits()), ((-0.0f32).to_bits(), 1.5f32.to_bits()));
            (mean.to_bits(), deviation.to_bits())
        });
        assert_eq!(scales[0], scales[1]);
    }
}
