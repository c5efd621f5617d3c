//! The numbers a model consists of.

use super::{FoldIn, Rated};
use crate::math::{Matrix, packed};
use crate::ratings::IdMap;
use serde::{Deserialize, Serialize};

/// One complete set of factors. A prediction is `mean + scale * (b_u + b_i + p_u . q_i)`
/// (Koren, Bell, Volinsky 2009, "Matrix factorization techniques for recommender systems").
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Factors {
    /// One row `p_u` a user.
    pub users: Matrix,
    /// One row `q_i` an item.
    pub items: Matrix,
    /// `b_u`, one a user.
    #[serde(with = "packed")]
    pub user_bias: Vec<f32>,
    /// `b_i`, one an item.
    #[serde(with = "packed")]
    pub item_bias: Vec<f32>,
    /// What is added to every prediction, in rating units.
    pub mean: f32,
    /// Rating units per unit of `p_u . q_i`.
    pub scale: f32,
    /// How much more precise the ratings of each user are than those of others; empty where all count alike.
    #[serde(with = "packed")]
    pub user_weight: Vec<f32>,
    /// The same of each item.
    #[serde(with = "packed")]
    pub item_weight: Vec<f32>,
    /// What it takes to fold rows in that were not there when it was trained.
    pub fold_in: Option<FoldIn>,
}

/// A trained model with its ids.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Samples of the factors; a point estimate is one.
    pub draws: Vec<Factors>,
    /// User ids by row.
    pub users: IdMap,
    /// Item ids by row.
    pub items: IdMap,
    /// The ratings it was trained on, in its own row numbers; the default if they were not kept.
    pub rated: Rated,
    /// The smallest and the largest rating of the training data; predictions are clipped to them.
    pub range: (f32, f32),
    /// Settings, metrics and version of the program, as JSON, for people and for `describe`.
    pub about: serde_json::Value,
}
