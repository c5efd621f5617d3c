//! Rating units, and the standard units in which training works.

use super::{CHUNK, Ratings, Triples};
use crate::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

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
        match measured(ratings) {
            Ok(scale) => scale,
            Err(never) => match never {},
        }
    }

    /// As [`of`](Self::of), for ratings that may be on disk.
    ///
    /// # Errors
    /// Those of reading.
    pub fn over(ratings: &dyn Triples) -> Result<Self> {
        measured(ratings)
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

/// Values that are read as often as one likes.
trait Values {
    type Error;

    /// Calls `take` with all values, a multiple of [`CHUNK`] at a time.
    fn each(&self, take: &mut dyn FnMut(&[f32])) -> std::result::Result<(), Self::Error>;
}

impl Values for Ratings {
    type Error = Infallible;

    fn each(&self, take: &mut dyn FnMut(&[f32])) -> std::result::Result<(), Infallible> {
        take(&self.values);
        Ok(())
    }
}

impl Values for dyn Triples + '_ {
    type Error = Error;

    fn each(&self, take: &mut dyn FnMut(&[f32])) -> Result<()> {
        Triples::each(self, &mut |_, chunk| {
            take(chunk.values);
            Ok(())
        })
    }
}

fn measured<V: Values + ?Sized>(ratings: &V) -> std::result::Result<Scale, V::Error> {
    let (mut low, mut high, mut count) = (f32::INFINITY, f32::NEG_INFINITY, 0);
    let mut parts = Vec::new();
    ratings.each(&mut |values| {
        count += values.len();
        parts.par_extend(values.par_chunks(CHUNK).map(|values| sum(values, |value| value)));
        // `total_cmp` orders the two zeros, so chance does not decide which one is kept.
        let ends = (
            values.par_iter().copied().min_by(f32::total_cmp),
            values.par_iter().copied().max_by(f32::total_cmp),
        );
        if let (Some(least), Some(most)) = ends {
            low = if least.total_cmp(&low).is_lt() { least } else { low };
            high = if most.total_cmp(&high).is_gt() { most } else { high };
        }
    })?;
    let count = count.max(1) as f64;
    let mean = parts.iter().sum::<f64>() / count;
    parts.clear();
    ratings.each(&mut |values| {
        parts.par_extend(values.par_chunks(CHUNK).map(|values| sum(values, |value| (value - mean).powi(2))));
    })?;
    let deviation = (parts.iter().sum::<f64>() / count).sqrt();
    let negligible = f64::from(f32::EPSILON) * mean.abs().max(f64::from(f32::MIN_POSITIVE));
    let deviation = if deviation > negligible { deviation } else { 1.0 };
    Ok(Scale { mean, deviation, low, high, shape: Shape::Linear, dislikes_below: None })
}

fn sum(values: &[f32], term: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|&value| term(value.into())).sum()
}

/// The sum of `term` over the values that are wanted, and their number.
pub(super) fn sum_where(
    ratings: &dyn Triples,
    wanted: impl Fn(&&f32) -> bool + Sync,
    term: impl Fn(f32) -> f64 + Sync,
) -> Result<(f64, f64)> {
    let mut parts: Vec<(f64, f64)> = Vec::new();
    Values::each(ratings, &mut |values| {
        parts.par_extend(values.par_chunks(CHUNK).map(|values| {
            let wanted = values.iter().filter(&wanted);
            wanted.fold((0.0, 0.0), |(sum, count), &value| (sum + term(value), count + 1.0))
        }));
    })?;
    Ok(parts.iter().fold((0.0, 0.0), |all, part| (all.0 + part.0, all.1 + part.1)))
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
