//! Ratings that a model was not trained on, with its predictions. The charts of its errors are made of them.

use crate::model::Model;
use crate::ratings::{Bins, Dataset};
use crate::score::predict;
use rayon::prelude::*;

/// A rating with its prediction, in rating units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// The user's row in the model, if it knows them.
    pub user: Option<u32>,
    /// The item's row in the model, if it knows it.
    pub item: Option<u32>,
    /// The rating.
    pub rating: f32,
    /// The prediction, clipped to the model's range.
    pub prediction: f32,
}

impl Predicted {
    /// The prediction less the rating.
    pub fn error(&self) -> f64 {
        f64::from(self.prediction) - f64::from(self.rating)
    }
}

/// Predicts at most `most` of the ratings of `test`, whose ids are its own: all of them, or every n-th.
pub fn predicted(model: &Model, test: &Dataset, most: usize) -> Vec<Predicted> {
    let (users, items) = (test.users.rows_in(&model.users), test.items.rows_in(&model.items));
    let ratings = &test.ratings;
    let places: Vec<usize> = (0..ratings.len()).step_by(ratings.len().div_ceil(most.max(1)).max(1)).collect();
    let of = |&place: &usize| {
        let (user, item) = (users[ratings.users[place] as usize], items[ratings.items[place] as usize]);
        Predicted { user, item, rating: ratings.values[place], prediction: predict(model, user, item) }
    };
    places.par_iter().map(of).collect()
}

/// The root mean square error; 0 without ratings.
pub(super) fn rmse_of(predicted: &[Predicted]) -> f64 {
    let squares: f64 = predicted.iter().map(|one| one.error().powi(2)).sum();
    (squares / predicted.len().max(1) as f64).sqrt()
}

/// The predictions for the ratings in one bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// The number of ratings.
    pub ratings: u64,
    /// The mean of the predictions; not a number without ratings.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// The part of the predictions in each interval; the intervals cut the range into equal widths, and
    /// predictions outside count at its ends.
    pub parts: Vec<f64>,
}

/// Predictions by rating: an entry a bin, predictions in `intervals` intervals of `range`.
pub fn against(predicted: &[Predicted], bins: &Bins, range: (f64, f64), intervals: usize) -> Vec<Against> {
    let mut sums = vec![(0u64, 0.0, 0.0, vec![0u64; intervals]); bins.len()];
    for one in predicted {
        let (count, sum, squares, counts) = &mut sums[bins.find(one.rating)];
        let prediction = f64::from(one.prediction);
        *count += 1;
        *sum += prediction;
        *squares += prediction * prediction;
        let place = (prediction - range.0) / (range.1 - range.0) * intervals as f64;
        counts[(place.max(0.0) as usize).min(intervals - 1)] += 1;
    }
    let entry = |(ratings, sum, squares, counts): (u64, f64, f64, Vec<u64>)| {
        let mean = sum / ratings as f64;
        let parts = counts.iter().map(|&count| count as f64 / ratings.max(1) as f64).collect();
        Against { ratings, mean, sd: (squares / ratings as f64 - mean * mean).max(0.0).sqrt(), parts }
    };
    sums.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(rating: f32, prediction: f32) -> Predicted {
        Predicted { user: None, item: None, rating, prediction }
    }

    #[test]
    fn by_hand() {
        let some = [one(1.0, 2.0), one(1.0, 4.0), one(5.0, 5.0), one(5.0, 5.0), one(3.0, 1.0)];
        assert!((rmse_of(&some) - (14.0_f64 / 5.0).sqrt()).abs() < 1e-12 && rmse_of(&[]).abs() < 1e-12);
        let bins = Bins::of([1.0, 2.0, 3.0, 5.0]);
        let found = against(&some, &bins, (1.0, 5.0), 4);
        assert_eq!((found[0].ratings, found[0].mean, found[0].sd), (2, 3.0, 1.0));
        assert_eq!(found[0].parts, [0.0, 0.5, 0.0, 0.5]);
        assert!(found[1].mean.is_nan() && found[1].parts == [0.0; 4]);
        assert_eq!((found[2].parts[0], found[3].parts[3]), (1.0, 1.0));
    }
}
