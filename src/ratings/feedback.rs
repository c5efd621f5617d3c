//! What the values of a set of ratings are.

use serde::{Deserialize, Serialize};

/// What the values of a set of ratings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Feedback {
    /// Ratings: how much a user likes an item.
    #[default]
    Ratings,
    /// Weights: how much evidence there is that a user likes an item, such as plays, clicks or quantities.
    Weights,
    /// Nothing but the pairs of a user and an item. Every value is 1.
    Pairs,
}
