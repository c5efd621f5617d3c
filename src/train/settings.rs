//! What can be chosen about training. Every default is written here and nowhere else.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// All settings of a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How many numbers describe a user, and an item.
    pub factors: usize,
    /// How many epochs to run; with a held-out slice, at most.
    pub epochs: usize,
    /// The regularization, or how to find it.
    pub regularization: Regularization,
    /// How fast regularization falls with a row's activity: `regularization * (mean_activity / activity)^power`.
    pub power: f32,
    /// The first step of a row; later ones shrink by the root of the row's gradient sum.
    pub learning_rate: f32,
    /// Where factors start. `None` follows from the race, or is [`Start::Centred`] without one.
    pub start: Option<Start>,
    /// Into how many groups of users an epoch is cut.
    pub stages: usize,
    /// The fraction of the ratings that is held out to stop in time; 0 holds nothing out.
    /// `None` is 0.05, and more where that would be fewer than 2000 ratings.
    pub valid: Option<f64>,
    /// After so many epochs without a better held-out RMSE, training stops.
    pub patience: usize,
    /// Whether the delivered model is trained again on all ratings, for as many epochs as were best.
    pub refit: bool,
    /// The seed of everything random.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            factors: 128,
            epochs: 50,
            regularization: Regularization::Auto,
            power: 0.3,
            learning_rate: 0.05,
            start: None,
            stages: 16,
            valid: None,
            patience: 3,
            refit: true,
            seed: 42,
        }
    }
}

/// A regularization, or the wish that it be found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Regularization {
    /// A short race over a handful of settings on the held-out slice decides.
    #[serde(with = "auto")]
    Auto,
    /// This number, in standard units, for a row of average activity.
    Fixed(f32),
}

mod auto {
    //! `"auto"` in a settings file.
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("auto")
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "auto" { Ok(()) } else { Err(D::Error::custom("expected `auto` or a number")) }
    }
}

/// Where factors start, and with it what the first epochs look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// Near zero: ratings are explained by biases first. Suits sparse data.
    Centred,
    /// Positive, with the mean raised by [`Start::offset`]: the first factors learn a common direction, and a row's
    /// length says how strongly it follows it. Suits dense data.
    Offset,
}

impl Start {
    /// By how many standard deviations training sees the mean above zero.
    pub fn offset(self) -> f32 {
        match self {
            Self::Centred => 0.0,
            Self::Offset => 1.5,
        }
    }

    /// The interval from which the `factors` numbers of a row are drawn.
    pub fn interval(self, factors: usize) -> (f32, f32) {
        match self {
            Self::Centred => (-0.017, 0.017),
            Self::Offset => (0.0, 1.0 / (factors as f32).sqrt()),
        }
    }
}

impl Settings {
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Usage`] with the name of the setting, what it is, and what it may be.
    pub fn check(&self) -> Result<()> {
        let wrong = |name: &str, is: String, may: &str| Err(Error::Usage(format!("{name} is {is}; {may}")));
        let within = |value: f32, low: f32, high: f32| value.is_finite() && (low..=high).contains(&value);
        if !(1..=4096).contains(&self.factors) {
            return wrong("--factors", self.factors.to_string(), "it may be 1 to 4096");
        }
        if self.epochs == 0 {
            return wrong("--epochs", "0".into(), "it must be at least 1");
        }
        if !(within(self.learning_rate, 0.0, 10.0) && self.learning_rate > 0.0) {
            return wrong(
                "--learning-rate",
                self.learning_rate.to_string(),
                "it must be above 0, at most 10",
            );
        }
        if let Regularization::Fixed(number) = self.regularization
            && !within(number, 0.0, 1000.0)
        {
            return wrong("--regularization", number.to_string(), "it may be `auto`, or 0 to 1000");
        }
        if !within(self.power, 0.0, 1.0) {
            return wrong("--power", self.power.to_string(), "it may be 0 to 1");
        }
        if !(1..=4096).contains(&self.stages) {
            return wrong("--stages", self.stages.to_string(), "it may be 1 to 4096");
        }
        if let Some(valid) = self.valid
            && !(0.0..1.0).contains(&valid)
        {
            return wrong("--valid", valid.to_string(), "a fraction may be 0 up to, not including, 1");
        }
        if self.patience == 0 {
            return wrong("--patience", "0".into(), "it must be at least 1");
        }
        Ok(())
    }

    /// The fraction of `ratings` ratings that is held out.
    pub fn held_out_fraction(&self, ratings: usize) -> f64 {
        self.valid.unwrap_or_else(|| (2000.0 / ratings.max(1) as f64).clamp(0.05, 0.2))
    }
}
