//! Rating units and the standard units that training works in.

use super::Ratings;
use serde::{Deserialize, Serialize};

/// The map between rating units and standard units: `rating = mean + deviation * standard`.
///
/// Training in standard units makes one learning rate, regularization and initial spread mean the same on
/// 1..5 stars, 0..100 points and -10..10 jokes (docs/maths.md, "Standard units").
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// The arithmetic mean of the ratings.
    pub mean: f64,
    /// Their standard deviation, or 1 where all ratings are equal.
    pub deviation: f64,
    /// The smallest rating.
    pub low: f32,
    /// The largest rating.
    pub high: f32,
}

impl Scale {
    /// Measures `ratings`, of which there is at least one.
    pub fn of(ratings: &Ratings) -> Self {
        let count = ratings.len().max(1) as f64;
        let mean = ratings.values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let variance = ratings.values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
        let deviation = variance.sqrt();
        let negligible = f64::from(f32::EPSILON) * mean.abs().max(f64::from(f32::MIN_POSITIVE));
        Self {
            mean,
            deviation: if deviation > negligible { deviation } else { 1.0 },
            low: ratings.values.iter().copied().fold(f32::INFINITY, f32::min),
            high: ratings.values.iter().copied().fold(f32::NEG_INFINITY, f32::max),
        }
    }

    /// A rating in standard units.
    pub fn standard(&self, rating: f32) -> f32 {
        ((f64::from(rating) - self.mean) / self.deviation) as f32
    }
}
