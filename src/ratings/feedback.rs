//! What the values of a table stand for.

use serde::{Deserialize, Serialize};

/// What the values of a table of users and items stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Feedback {
    /// How much a user likes an item: a column of ratings.
    #[default]
    Ratings,
    /// How often or how much a user took an item, from 0: a column of plays, clicks, quantities.
    Weights,
    /// Only which items a user took: no column of values. Each row counts 1.
    Pairs,
}

impl Feedback {
    /// The description for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ratings => "ratings",
            Self::Weights => "weights",
            Self::Pairs => "pairs only",
        }
    }
}
