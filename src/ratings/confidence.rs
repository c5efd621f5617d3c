//! Values as weights of preferences (docs/maths.md, "ials").

use super::{Feedback, Scale, Shape, Triples};
use crate::Result;
use serde::{Deserialize, Serialize};

/// How a value becomes the weight of a preference, before all weights are divided by their mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// [`Log`](Self::Log) for weights with a heavy tail, [`Linear`](Self::Linear) for all other values.
    #[default]
    Auto,
    /// The value itself. Ratings of a scale that reaches zero or below become .2 to 1.
    Linear,
    /// The logarithm of one plus the value.
    Log,
    /// 1: all preferences weigh the same.
    None,
}

impl Confidence {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Linear, Self::Log, Self::None];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Linear => "linear",
            Self::Log => "log",
            Self::None => "none",
        }
    }
}

/// The weight of the lowest rating, relative to the highest, where the scale reaches zero or below.
const LOWEST: f64 = 0.2;

impl Scale {
    /// The scale in which a standard unit is the mean weight of a preference. Values below `dislikes_below` are
    /// dislikes, with the weight of an average preference and the standard value -1.
    ///
    /// # Errors
    /// Those of reading the ratings.
    pub fn of_preferences(
        ratings: &dyn Triples,
        feedback: Feedback,
        confidence: Confidence,
        dislikes_below: Option<f32>,
    ) -> Result<Self> {
        let all = Self::over(ratings)?;
        let equal = all.low.to_bits() == all.high.to_bits();
        let heavy = feedback == Feedback::Weights && all.low >= 0.0 && all.deviation > all.mean;
        let shape = match confidence {
            // Equal values say no more than pairs do.
            Confidence::Auto | Confidence::Linear | Confidence::Log if equal => Shape::One,
            Confidence::Auto if heavy => Shape::Log,
            Confidence::Auto | Confidence::Linear => Shape::Linear,
            Confidence::Log => Shape::Log,
            Confidence::None => Shape::One,
        };
        let (low, high) = (f64::from(all.low), f64::from(all.high));
        // The value whose weight is zero.
        let reaches_zero = low < 0.0 || (low <= 0.0 && feedback == Feedback::Ratings);
        let zero = match shape {
            Shape::Linear if reaches_zero => low - LOWEST / (1.0 - LOWEST) * (high - low),
            Shape::Log => low.min(0.0),
            Shape::Linear | Shape::One => 0.0,
        };
        let raw = Self { mean: zero, deviation: 1.0, shape, dislikes_below, ..all };
        let liked = |value: &&f32| dislikes_below.is_none_or(|from| **value >= from);
        let (sum, count) = super::scale::sum_where(ratings, liked, |value| raw.standard(value).into())?;
        let mean = sum / count.max(1.0);
        Ok(Self { deviation: if mean > 0.0 { mean } else { 1.0 }, ..raw })
    }

    /// What is done with the values, in one line for people.
    pub fn says(&self, feedback: Feedback) -> String {
        let what = match feedback {
            Feedback::Ratings => "a rating",
            Feedback::Weights => "a weight",
            Feedback::Pairs => return "every pair weighs the same".into(),
        };
        let from = match self.dislikes_below {
            Some(from) => format!("; {what} below {from} weighs against an item"),
            None => String::new(),
        };
        let how = match self.shape {
            Shape::Linear if self.mean < 0.0 => {
                format!("{what} of {} weighs .2 times as much as one of {}", self.low, self.high)
            }
            Shape::Linear => format!("{what} weighs in proportion to its value"),
            Shape::Log => format!("{what} weighs as the logarithm of one plus its value"),
            Shape::One => "every pair weighs the same".into(),
        };
        format!("{how}{from}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::Ratings;

    fn ratings(values: &[f32]) -> Ratings {
        let mut ratings = Ratings::default();
        (0..).zip(values).for_each(|(item, &value)| ratings.push(0, item, value));
        ratings
    }

    fn weights(values: &[f32], feedback: Feedback, confidence: Confidence, from: Option<f32>) -> Vec<f32> {
        let scale = Scale::of_preferences(&ratings(values), feedback, confidence, from).unwrap();
        values.iter().map(|&value| scale.standard(value)).collect()
    }

    fn near(found: &[f32], expected: &[f32]) {
        let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(close && found.len() == expected.len(), "{found:?} {expected:?}");
    }

    #[test]
    fn weights_have_a_mean_of_one() {
        let auto = Confidence::Auto;
        near(&weights(&[1.0, 2.0, 3.0], Feedback::Ratings, auto, None), &[0.5, 1.0, 1.5]);
        near(&weights(&[1.0, 1.0], Feedback::Pairs, auto, None), &[1.0, 1.0]);
        // Of a scale around zero: .2, .6 and 1, over their mean.
        near(&weights(&[-10.0, 0.0, 10.0], Feedback::Ratings, auto, None), &[1.0 / 3.0, 1.0, 5.0 / 3.0]);
        near(&weights(&[0.0, 1.0], Feedback::Ratings, auto, None), &[1.0 / 3.0, 5.0 / 3.0]);
        // Nothing was played: no evidence.
        near(&weights(&[0.0, 1.0], Feedback::Weights, auto, None), &[0.0, 2.0]);
        near(&weights(&[3.0, 5.0], Feedback::Weights, Confidence::None, None), &[1.0, 1.0]);
        near(&weights(&[0.0, 0.0], Feedback::Ratings, auto, None), &[1.0, 1.0]);
        let logs = weights(&[-3.0, 0.0, 4.0], Feedback::Ratings, Confidence::Log, None);
        assert!(logs[0] >= 0.0 && logs[0] < logs[1] && logs[1] < logs[2], "{logs:?}");
    }

    #[test]
    fn a_heavy_tail_is_read_as_its_logarithm() {
        let mut plays = vec![1.0; 99];
        plays.push(1000.0);
        let found = weights(&plays, Feedback::Weights, Confidence::Auto, None);
        assert!((found[99] / found[0] - 1001f32.ln() / 2f32.ln()).abs() < 1e-3, "{found:?}");
        let found = weights(&plays, Feedback::Weights, Confidence::Linear, None);
        assert!((found[99] / found[0] - 1000.0).abs() < 1.0);
        let found = weights(&plays, Feedback::Ratings, Confidence::Auto, None);
        assert!((found[99] / found[0] - 1000.0).abs() < 1.0, "ratings stay in proportion");
    }

    #[test]
    fn dislikes_are_negative_and_do_not_count_in_the_mean() {
        near(
            &weights(&[1.0, 2.0, 4.0], Feedback::Ratings, Confidence::Auto, Some(2.0)),
            &[-1.0, 2.0 / 3.0, 4.0 / 3.0],
        );
    }
}
