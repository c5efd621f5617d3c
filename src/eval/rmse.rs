//! Root mean square error and mean absolute error on a set of ratings, compared with the error of a constant.

use crate::model::Model;
use crate::ratings::Dataset;
use crate::score::predict;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Ratings in a partial sum; fixed, so that the result does not depend on the threads.
const PARTIAL: usize = 8192;

/// Errors over a set of ratings, in rating units, predictions clipped to the model's range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// The number of ratings that were predicted.
    pub ratings: u64,
    /// Root mean square error; 0 without ratings.
    pub rmse: f64,
    /// Mean absolute error; 0 without ratings.
    pub mae: f64,
    /// The root mean square error of always predicting the mean of the training ratings.
    pub mean_rmse: f64,
    /// Ratings whose user the model does not know; the item alone predicts them.
    pub unknown_users: u64,
    /// Ratings whose item the model does not know; the user alone predicts them.
    pub unknown_items: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    squares: f64,
    absolute: f64,
    constant: f64,
    unknown: [u64; 2],
}

impl Sums {
    fn add(self, other: &Self) -> Self {
        Self {
            squares: self.squares + other.squares,
            absolute: self.absolute + other.absolute,
            constant: self.constant + other.constant,
            unknown: [self.unknown[0] + other.unknown[0], self.unknown[1] + other.unknown[1]],
        }
    }
}

/// Predicts every rating of `test`, whose ids are its own, and compares. `mean` is the mean of the training
/// ratings. The result does not depend on the number of threads.
pub fn accuracy(model: &Model, test: &Dataset, mean: f64) -> Accuracy {
    let (users, items) = (test.users.rows_in(&model.users), test.items.rows_in(&model.items));
    let ratings = &test.ratings;
    let parts: Vec<Sums> = (0..ratings.len().div_ceil(PARTIAL))
        .into_par_iter()
        .map(|part| {
            let mut sums = Sums::default();
            for at in part * PARTIAL..ratings.len().min((part + 1) * PARTIAL) {
                let (user, item) = (users[ratings.users[at] as usize], items[ratings.items[at] as usize]);
                let value = f64::from(ratings.values[at]);
                let error = value - f64::from(predict(model, user, item));
                sums.squares += error * error;
                sums.absolute += error.abs();
                sums.constant += (value - mean).powi(2);
                sums.unknown[0] += u64::from(user.is_none());
                sums.unknown[1] += u64::from(item.is_none());
            }
            sums
        })
        .collect();
    let sums = parts.iter().fold(Sums::default(), Sums::add);
    let count = ratings.len().max(1) as f64;
    Accuracy {
        ratings: ratings.len() as u64,
        rmse: (sums.squares / count).sqrt(),
        mae: sums.absolute / count,
        mean_rmse: (sums.constant / count).sqrt(),
        unknown_users: sums.unknown[0],
        unknown_items: sums.unknown[1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Matrix;
    use crate::model::Factors;
    use crate::ratings::IdMap;

    fn ids(ids: &[&str]) -> IdMap {
        let mut map = IdMap::new();
        ids.iter().for_each(|id| {
            map.number(id.as_bytes());
        });
        map
    }

    #[test]
    fn errors_by_hand_with_known_and_unknown_ids() {
        let factors = Factors {
            users: Matrix::from_vec(2, 1, vec![1.0, 2.0]),
            items: Matrix::from_vec(1, 1, vec![1.0]),
            user_bias: vec![0.0, 0.5],
            item_bias: vec![0.25],
            mean: 2.0,
            scale: 1.0,
            ..Factors::default()
        };
        let model = Model {
            draws: vec![factors],
            users: ids(&["a", "b"]),
            items: ids(&["x"]),
            range: (1.0, 4.0),
            ..Model::default()
        };
        let mut test =
            Dataset { users: ids(&["new", "b", "a"]), items: ids(&["x", "y"]), ..Dataset::default() };
        test.ratings.push(2, 0, 3.0); // 3.25
        test.ratings.push(1, 0, 4.0); // 4.75, clipped to 4
        test.ratings.push(0, 0, 2.0); // 2.25
        test.ratings.push(1, 1, 2.0); // 2.5
        let found = accuracy(&model, &test, 3.0);
        assert!((found.rmse - ((0.0625 + 0.0625 + 0.25) / 4.0_f64).sqrt()).abs() < 1e-12);
        assert!((found.mae - 0.25).abs() < 1e-12);
        assert!((found.mean_rmse - 0.75_f64.sqrt()).abs() < 1e-12);
        assert_eq!((found.ratings, found.unknown_users, found.unknown_items), (4, 1, 1));
    }

    #[test]
    fn no_ratings_have_no_error() {
        let found = accuracy(&Model::default(), &Dataset::default(), 0.0);
        assert_eq!((found.ratings, found.rmse.to_bits()), (0, 0));
    }
}
