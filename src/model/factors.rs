//! The numbers of a model.

use super::{About, FoldIn, Rated};
use crate::math::{Matrix, packed};
use crate::ratings::{IdMap, Side};
use serde::{Deserialize, Serialize};

/// One complete set of factors. A prediction is `mean + scale * (b_u + b_i + p_u . q_i)`
/// (Koren, Bell, Volinsky 2009, "Matrix factorization techniques for recommender systems").
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Factors {
    /// One row `p_u` per user.
    pub users: Matrix,
    /// One row `q_i` per item.
    pub items: Matrix,
    /// `b_u`, one per user.
    #[serde(with = "packed")]
    pub user_bias: Vec<f32>,
    /// `b_i`, one per item.
    #[serde(with = "packed")]
    pub item_bias: Vec<f32>,
    /// Added to every prediction, in rating units.
    pub mean: f32,
    /// Rating units per unit of `p_u . q_i`.
    pub scale: f32,
    /// The relative precision of each user's ratings; empty if all users weigh the same.
    #[serde(with = "packed")]
    pub user_weight: Vec<f32>,
    /// The relative precision of each item's ratings; empty if all items weigh the same.
    #[serde(with = "packed")]
    pub item_weight: Vec<f32>,
    /// The row of a user without one, in lists: the mean of all users' rows. Empty where it is zero, since
    /// factors are centred.
    #[serde(with = "packed")]
    pub origin: Vec<f32>,
    /// The numbers with which new rows are folded in after training.
    pub fold_in: Option<FoldIn>,
}

/// One side of a set of factors.
#[derive(Debug, Clone, Copy)]
pub struct DrawSide<'a> {
    /// One row per user, or per item.
    pub factors: &'a Matrix,
    /// One bias per row.
    pub bias: &'a [f32],
    /// One weight per row; empty if all rows weigh the same.
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

    /// Appends rows to one side.
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
    /// Whether the factors are for lists, so that a score is no rating.
    pub fn is_of_lists(&self) -> bool {
        self.draws.first().is_some_and(|draw| !draw.origin.is_empty())
    }

    /// The ids of a side by row.
    pub fn ids(&self, side: Side) -> &IdMap {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }

    /// The ids of a side, mutable.
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
    /// Posterior samples of the factors; a point estimate is a single one.
    pub draws: Vec<Factors>,
    /// User ids by row.
    pub users: IdMap,
    /// Item ids by row.
    pub items: IdMap,
    /// The ratings it was trained on, in its own row numbers; the default if they were not kept.
    pub rated: Rated,
    /// The smallest and the largest rating of the training data; predictions are clipped to them.
    pub range: (f32, f32),
    /// The titles of the items by row, `None` for an item without one; empty if no titles are known.
    pub titles: Vec<Option<String>>,
    /// The model's description of itself: version, settings, metrics.
    pub about: About,
}

/// A model's draws, from which all scores are computed.
impl AsRef<[Factors]> for Model {
    fn as_ref(&self) -> &[Factors] {
        &self.draws
    }
}
