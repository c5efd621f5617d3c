//! The calibration of a model's uncertainty: how many ratings lie in the intervals that it predicts for them
//! (docs/metrics.md, "Calibration").

use super::groups::pieces;
use super::predicted::Predicted;
use crate::model::Model;
use crate::score::{Noise, deviation_about, score};
use rayon::prelude::*;

/// The intervals that are checked: the part of the ratings that each should hold, and how many standard
/// deviations it reaches to either side of the mean of a normal distribution.
pub const INTERVALS: [(f64, f64); 7] = [
    (0.5, 0.674_490),
    (0.6, 0.841_621),
    (0.7, 1.036_433),
    (0.8, 1.281_552),
    (0.9, 1.644_854),
    (0.95, 1.959_964),
    (0.99, 2.575_829),
];

/// A rating: the number of training ratings of its user, the user, the distance from the prediction in
/// standard deviations, and the standard deviation.
type Far = (u32, u32, f64, f64);

/// The part of some ratings that intervals hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The smallest and the largest number of training ratings of their users.
    pub training: (u32, u32),
    /// The number of ratings.
    pub ratings: u64,
    /// The mean of the predicted standard deviations, in rating units.
    pub sd: f64,
    /// The part of the ratings in each of [`INTERVALS`].
    pub parts: [f64; INTERVALS.len()],
}

/// The calibration over all ratings, and over those of each fifth of the users, the least active first.
/// Ratings of unknown users or items are left out; `None` if no others are left.
///
/// # Panics
/// If the model does not say how precise ratings are (see [`needs_draws`](crate::score::needs_draws)).
pub fn calibration(
    model: &Model,
    predicted: &[Predicted],
    activity: impl Fn(u32) -> u32 + Sync,
) -> Option<(Held, Vec<Held>)> {
    // The distance of each rating from its prediction, in standard deviations, by user.
    let mut by_user: Vec<Far> = predicted
        .par_iter()
        .filter_map(|one| {
            let (user, item) = (one.user?, one.item?);
            let mean = score(model, Some(user), Some(item));
            let sd = f64::from(deviation_about(model, (Some(user), Some(item)), mean, Noise::With));
            let distance = f64::from(one.rating) - f64::from(mean);
            Some((activity(user), user, distance.abs() / sd, sd))
        })
        .collect();
    by_user.sort_by_key(|&(activity, user, ..)| (activity, user));
    let held = |own: &[Far]| {
        let mean = |of: &dyn Fn(&Far) -> f64| own.iter().map(of).sum::<f64>() / own.len() as f64;
        Held {
            training: (own[0].0, own[own.len() - 1].0),
            ratings: own.len() as u64,
            sd: mean(&|one| one.3),
            parts: INTERVALS.map(|(_, reach)| mean(&|one| f64::from(u8::from(one.2 <= reach)))),
        }
    };
    let all = by_user.first().map(|_| held(&by_user))?;
    // Fifths of users, not of ratings: the ratings of one user stay together.
    let users: Vec<&[Far]> = by_user.chunk_by(|a, b| a.1 == b.1).collect();
    let fifths = pieces(&users, |ratings| ratings[0].0, 5);
    Some((all, fifths.into_iter().map(|fifth| held(&fifth.concat())).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Matrix, Square, normal, philox};
    use crate::model::{Belief, Factors, FoldIn};
    use rand::Rng;

    /// A model of ten users and one item that always predicts 3, with a standard deviation of `sd`.
    fn model(sd: f32) -> Model {
        let belief = Belief::new(Square::diagonal(2, 1.0), vec![0.0; 2]);
        let draw = Factors {
            users: Matrix::zeros(10, 1),
            items: Matrix::zeros(1, 1),
            user_bias: vec![0.0; 10],
            item_bias: vec![0.0],
            mean: 3.0,
            scale: sd,
            fold_in: Some(FoldIn {
                unobserved_weight: 0.0,
                precision: 1.0,
                power: 0.0,
                implicit_weight: 0.0,
                users: belief.clone(),
                items: belief,
            }),
            ..Factors::default()
        };
        Model { draws: vec![draw.clone(), draw], range: (-9.0, 9.0), ..Model::default() }
    }

    /// Ratings with a standard deviation of 1 about 3.
    fn ratings() -> Vec<Predicted> {
        let mut stream = philox::Stream::new(1, philox::Purpose::Generate, 0);
        (0..10_000)
            .map(|n| Predicted {
                user: Some(n % 10),
                item: Some(0),
                rating: 3.0 + normal(stream.next_u32()),
                prediction: 3.0,
            })
            .collect()
    }

    /// The interval holds about `p n` of `n` ratings, with a standard deviation of `sqrt(p (1 - p) n)`.
    #[test]
    fn a_calibrated_model_holds_what_it_says_and_others_do_not() {
        let (all, fifths) = calibration(&model(1.0), &ratings(), |user| user + 1).unwrap();
        for ((part, _), found) in INTERVALS.iter().zip(all.parts) {
            assert!((found - part).abs() < 4.0 * (part * (1.0 - part) / 10_000.0).sqrt(), "{all:?}");
        }
        assert_eq!(
            fifths.iter().map(|fifth| fifth.training).collect::<Vec<_>>(),
            [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10)]
        );
        assert!(fifths.iter().all(|fifth| fifth.ratings == 2000 && (fifth.sd - 1.0).abs() < 1e-6));
        let (bold, _) = calibration(&model(0.5), &ratings(), |_| 1).unwrap();
        assert!(bold.parts[4] < 0.65, "too sure: {bold:?}");
        let (shy, _) = calibration(&model(2.0), &ratings(), |_| 1).unwrap();
        assert!(shy.parts[0] > 0.75, "not sure enough: {shy:?}");
    }

    #[test]
    fn nothing_known_says_nothing() {
        let unknown = Predicted { user: None, item: Some(0), rating: 3.0, prediction: 3.0 };
        assert_eq!(calibration(&model(1.0), &[unknown], |_| 0), None);
    }
}
