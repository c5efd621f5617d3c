//! What may be in a list.

use crate::model::Rated;

/// What may be in a list.
#[derive(Debug, Clone, Copy)]
pub struct TopOptions<'a> {
    /// How long a list is at most.
    pub count: usize,
    /// Leave out what the user has rated here.
    pub exclude: Option<&'a Rated>,
    /// Only what is marked true may be in a list: one mark an item, in lists of users one a user.
    pub allowed: Option<&'a [bool]>,
    /// Only items of at least this score, in rating units, with what exploring adds to it.
    pub min_score: f32,
    /// How many times the standard deviation over the draws is added to a score before items are ranked; 0
    /// where nothing is to be explored. With one draw it has no effect.
    pub explore: f32,
}

impl Default for TopOptions<'_> {
    fn default() -> Self {
        Self { count: 20, exclude: None, allowed: None, min_score: f32::NEG_INFINITY, explore: 0.0 }
    }
}

impl TopOptions<'_> {
    /// Whether something is to be explored.
    pub(super) fn explores(&self) -> bool {
        self.explore.to_bits() << 1 != 0
    }

    /// The rows that may be in a list, of a side of so many.
    pub(super) fn chosen(&self, count: usize) -> Vec<u32> {
        let all = 0..count as u32;
        match self.allowed {
            Some(allowed) => {
                assert_eq!(allowed.len(), count, "one mark a row");
                all.filter(|&row| allowed[row as usize]).collect()
            }
            None => all.collect(),
        }
    }
}
