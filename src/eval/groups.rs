//! Errors by the amount of training data: ratings are grouped by the number of training ratings of their
//! user, or their item.

use super::baseline::Biases;
use super::predicted::{Predicted, rmse_of};

/// Ratings whose users, or items, have similar numbers of training ratings.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The smallest and the largest number of training ratings in it.
    pub training: (u32, u32),
    /// The number of ratings in it.
    pub ratings: u64,
    /// The root mean square error of the model.
    pub rmse: f64,
    /// The root mean square error of biases.
    pub biases: f64,
    /// The mean of prediction less rating.
    pub mean_error: f64,
}

/// At most `most` groups of about equal size, the fewest training ratings first. `training` gives the number
/// of training ratings of the user, or the item, of a rating; ratings with equal numbers are in one group.
/// Baselines are clipped to `range`.
pub fn by_training(
    predicted: &[Predicted],
    training: impl Fn(&Predicted) -> u32,
    (biases, range): (&Biases, (f32, f32)),
    most: usize,
) -> Vec<Group> {
    let mut sorted: Vec<(u32, Predicted)> = predicted.iter().map(|one| (training(one), *one)).collect();
    sorted.sort_by_key(|(count, _)| *count);
    let group = |own: &[(u32, Predicted)]| {
        let ratings: Vec<Predicted> = own.iter().map(|(_, one)| *one).collect();
        let biased = |one: &Predicted| {
            let prediction = biases.predict(one.user, one.item) as f32;
            Predicted { prediction: prediction.clamp(range.0, range.1), ..*one }
        };
        Group {
            training: (own[0].0, own[own.len() - 1].0),
            ratings: own.len() as u64,
            rmse: rmse_of(&ratings),
            biases: rmse_of(&ratings.iter().map(biased).collect::<Vec<_>>()),
            mean_error: ratings.iter().map(Predicted::error).sum::<f64>() / own.len() as f64,
        }
    };
    pieces(&sorted, |(count, _)| *count, most).into_iter().map(group).collect()
}

/// Cuts a slice that is sorted by `key` into at most `most` pieces of about equal size; elements with equal
/// keys stay together.
pub(super) fn pieces<T>(sorted: &[T], key: impl Fn(&T) -> u32, most: usize) -> Vec<&[T]> {
    let (mut found, mut start) = (Vec::new(), 0);
    for number in 1..=most {
        let mut end = sorted.len() * number / most;
        while 0 < end && end < sorted.len() && key(&sorted[end]) == key(&sorted[end - 1]) {
            end += 1;
        }
        if end > start {
            found.push(&sorted[start..end]);
            start = end;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_stays_together() {
        let cut = |numbers: &[u32], most| {
            pieces(numbers, |number| *number, most).into_iter().map(<[u32]>::to_vec).collect::<Vec<_>>()
        };
        assert_eq!(cut(&[1, 2, 3, 4, 5, 6], 3), [vec![1, 2], vec![3, 4], vec![5, 6]]);
        assert_eq!(cut(&[1, 1, 1, 1, 2, 3], 3), [vec![1, 1, 1, 1], vec![2, 3]]);
        assert_eq!(cut(&[7, 7], 5), [vec![7, 7]]);
        assert!(cut(&[], 5).is_empty());
    }

    #[test]
    fn errors_by_hand() {
        let one = |user, rating, prediction| Predicted { user: Some(user), item: None, rating, prediction };
        let some = [one(0, 3.0, 4.0), one(1, 3.0, 5.0), one(1, 4.0, 2.0)];
        let biases = Biases { mean: 3.5, users: vec![0.5, 9.0], items: vec![] };
        let groups = by_training(&some, |one| 10 * one.user.unwrap_or(0) + 1, (&biases, (1.0, 5.0)), 2);
        let expected = [
            Group { training: (1, 1), ratings: 1, rmse: 1.0, biases: 1.0, mean_error: 1.0 },
            Group { training: (11, 11), ratings: 2, rmse: 2.0, biases: 2.5f64.sqrt(), mean_error: 0.0 },
        ];
        assert_eq!(groups, expected);
    }
}
