//! The types of the settings that are a choice: algorithm, start, and values that may be left open.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;
use std::str::FromStr;

/// The training algorithm. `train::algorithm` answers everything that depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// Stochastic gradient steps: the fastest.
    #[default]
    Sgd,
    /// Alternating least squares: exact row updates, few epochs, no learning rate.
    Als,
    /// Gibbs sampling of the Bayesian model: the most accurate, with a standard deviation for each
    /// prediction.
    Bayes,
    /// Implicit alternating least squares: factors for lists, from who rated what.
    Ials,
}

impl Algorithm {
    /// Every algorithm, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Sgd, Self::Als, Self::Bayes, Self::Ials];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Als => "als",
            Self::Bayes => "bayes",
            Self::Ials => "ials",
        }
    }
}

/// What factors are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objective {
    /// Predicting ratings.
    Ratings,
    /// Lists of the best items.
    Lists,
}

impl Objective {
    /// Both objectives.
    pub const ALL: [Self; 2] = [Self::Ratings, Self::Lists];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ratings => "ratings",
            Self::Lists => "lists",
        }
    }
}

/// A setting that may be left open. Flags, environment variables and files share one grammar: `auto`, `off`
/// for 0, or the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice<T> {
    /// Left open: the algorithm and the ratings decide, possibly by a short race over a handful of settings.
    #[default]
    Auto,
    /// This value.
    Fixed(T),
}

impl<T> Choice<T> {
    /// The fixed value, or `suited` if the choice is open.
    pub fn unwrap_or(self, suited: T) -> T {
        match self {
            Self::Auto => suited,
            Self::Fixed(value) => value,
        }
    }

    /// This choice if it is fixed, else the other one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Auto => other,
            Self::Fixed(_) => self,
        }
    }

    /// Whether the choice is open.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Auto)
    }
}

impl<T: FromStr> FromStr for Choice<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let value = if text == "off" { "0" } else { text }.parse();
        value.map(Self::Fixed).map_err(|_| "expected `auto`, `off`, or a number".into())
    }
}

impl<T: fmt::Display> fmt::Display for Choice<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Fixed(value) => value.fmt(formatter),
        }
    }
}

impl<T: Serialize> Serialize for Choice<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Fixed(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: FromStr + Deserialize<'de>> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written<T> {
            Value(T),
            Text(String),
        }
        match Written::deserialize(deserializer) {
            Ok(Written::Value(value)) => Ok(Self::Fixed(value)),
            Ok(Written::Text(text)) => text.parse().map_err(D::Error::custom),
            Err(_) => Err(D::Error::custom("expected `auto`, `off`, or a number")),
        }
    }
}

/// The start of the factors. It also decides what the first epochs fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// Near zero, so that biases explain the ratings first. Suits sparse data.
    Centred,
    /// Positive, with the mean raised by [`Start::offset`]. The first factors fit a common direction, and a
    /// row's length is how strongly the row follows it. Suits dense data.
    Offset,
}

impl Start {
    /// Every start.
    pub const ALL: [Self; 2] = [Self::Centred, Self::Offset];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Centred => "centred",
            Self::Offset => "offset",
        }
    }

    /// How far above zero training places the mean, in standard deviations.
    pub fn offset(self) -> f32 {
        match self {
            Self::Centred => 0.0,
            Self::Offset => 1.5,
        }
    }

    /// The interval from which the `factors` numbers of a row are drawn initially.
    pub fn interval(self, factors: usize) -> (f32, f32) {
        match self {
            Self::Centred => (-0.017, 0.017),
            Self::Offset => (0.0, 1.0 / (factors as f32).sqrt()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_serde_writes() {
        fn name(value: impl Serialize) -> String {
            serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
        }
        assert!(Algorithm::ALL.iter().all(|value| name(value) == value.name()));
        assert!(Start::ALL.iter().all(|value| name(value) == value.name()));
    }

    /// A file accepts what a flag accepts, as text or as a number, and every written value can be read.
    #[test]
    fn a_choice_has_one_grammar() {
        for (text, expected) in
            [("auto", Choice::Auto), ("off", Choice::Fixed(0.0)), ("0.065", Choice::Fixed(0.065_f32))]
        {
            assert_eq!(text.parse(), Ok(expected));
            assert_eq!(expected.to_string().parse(), Ok(expected));
            let read = |text: String| serde_json::from_str::<Choice<f32>>(&text).map_err(|_| text);
            assert_eq!(read(format!("{text:?}")), Ok(expected));
            assert_eq!(read(serde_json::to_string(&expected).unwrap()), Ok(expected));
            let packed = rmp_serde::to_vec_named(&expected).unwrap();
            assert_eq!(rmp_serde::from_slice::<Choice<f32>>(&packed).unwrap(), expected);
        }
        assert!("some".parse::<Choice<f32>>().unwrap_err().contains("`auto`"));
        let wrong = serde_json::from_str::<Choice<f32>>("[1]").unwrap_err();
        assert!(wrong.to_string().contains("`auto`, `off`, or a number"), "{wrong}");
    }
}
