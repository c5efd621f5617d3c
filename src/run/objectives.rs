//! What a run trains: a model of ratings, a model of lists, or one of each.

use crate::ratings::Feedback;
use serde::{Deserialize, Serialize};

/// What a run trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objectives {
    /// A model that predicts ratings.
    Ratings,
    /// A model that makes lists.
    Lists,
    /// One of each.
    Both,
}

impl Objectives {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ratings, Self::Lists, Self::Both];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ratings => "ratings",
            Self::Lists => "lists",
            Self::Both => "both",
        }
    }

    /// What is trained unless something else is asked for.
    pub(super) fn of(feedback: Feedback) -> Self {
        match feedback {
            Feedback::Ratings => Self::Both,
            Feedback::Weights | Feedback::Pairs => Self::Lists,
        }
    }
}
