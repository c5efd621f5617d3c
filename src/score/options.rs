//! What may be in a list.

use crate::model::Rated;

/// What may be in a list.
#[derive(Debug, Clone, Copy)]
pub struct TopOptions<'a> {
    /// How long a list is at most.
    pub count: usize,
    /// Leave out what the user has rated here.
    pub exclude: Option<&'a Rated>,
    /// Only items marked true; one mark an item.
    pub allowed: Option<&'a [bool]>,
    /// Only items of at least this score, in rating units, with what exploring adds to it.
    pub min_score: f32,
    /// How many times the standard deviation over the model's draws is added to a score before items are ranked; 0 where
    /// nothing is to be explored, and for a model of one draw of no consequence.
    pub explore: f32,
}

impl Default for TopOptions<'_> {
    fn default() -> Self {
        Self { count: 20, exclude: None, allowed: None, min_score: f32::NEG_INFINITY, explore: 0.0 }
    }
}
