//! The numbers a model consists of.

use super::{About, FoldIn, Rated};
use crate::math::{Matrix, packed};
use crate::ratings::{IdMap, Side};
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

/// What a set of factors says of the rows of one side.
#[derive(Debug, Clone, Copy)]
pub struct DrawSide<'a> {
    /// One row a user, or an item.
    pub factors: &'a Matrix,
    /// One bias a row.
    pub bias: &'a [f32],
    /// One weight a row; empty where all count alike.
    pub weight: &'a [f32],
}

impl Factors {
    /// One side.
    pub fn side(&self, side: Side) -> DrawSide<'_> {
        match side {
            Side::User => DrawSide { factors: &self.users, bias: &self.user_bias, weight: &self.user_weight },
            Side::Item => DrawSide { factors: &self.items, bias: &self.item_bias, weight: &self.item_weight },
        }
    }

    /// Adds rows behind those of one side.
    pub(super) fn append(&mut self, side: Side, factors: &Matrix, bias: Vec<f32>, weight: Vec<f32>) {
        let (all, biases, weights) = match side {
            Side::User => (&mut self.users, &mut self.user_bias, &mut self.user_weight),
            Side::Item => (&mut self.items, &mut self.item_bias, &mut self.item_weight),
        };
        all.append(factors);
        biases.extend(bias);
        weights.extend(weight);
    }
}

impl Model {
    /// The ids of a side by row.
    pub fn ids(&self, side: Side) -> &IdMap {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }

    /// The same to be added to.
    pub(super) fn ids_mut(&mut self, side: Side) -> &mut IdMap {
        match side {
            Side::User => &mut self.users,
            Side::Item => &mut self.items,
        }
    }
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
    /// What it says about itself.
    pub about: About,
}

/// The draws, which are all that scores are made of.
impl AsRef<[Factors]> for Model {
    fn as_ref(&self) -> &[Factors] {
        &self.draws
    }
}
