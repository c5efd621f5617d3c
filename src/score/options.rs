//! The options of lists.

use crate::model::Rated;

/// The options of a list: its length, and which items it may contain.
#[derive(Debug, Clone, Copy)]
pub struct TopOptions<'a> {
    /// The longest length of a list.
    pub count: usize,
    /// Leaves out the items that the user has rated in this table.
    pub exclude: Option<&'a Rated>,
    /// Only rows that are marked true are listed. There is one mark per item or, in lists of users, one per
    /// user.
    pub allowed: Option<&'a [bool]>,
    /// Only items of at least this score are listed, in rating units, exploration included.
    pub min_score: f32,
    /// How many times the standard deviation over the draws is added to a score before items are ranked; 0
    /// for no exploration. With one draw it has no effect.
    pub explore: f32,
}

impl Default for TopOptions<'_> {
    fn default() -> Self {
        Self { count: 20, exclude: None, allowed: None, min_score: f32::NEG_INFINITY, explore: 0.0 }
    }
}

/// The score that what is listed has before it is clipped to `range`, where `asked` is the least it has after that. A
/// limit that all clipped scores reach is none, and none reaches one above the range. Scores with exploration are not
/// clipped.
pub fn least_score((low, high): (f32, f32), asked: Option<f32>, explores: bool) -> f32 {
    match asked {
        Some(least) if explores => least,
        Some(least) if least > high => f32::INFINITY,
        Some(least) if least > low => least,
        _ => f32::NEG_INFINITY,
    }
}

impl TopOptions<'_> {
    /// Whether exploration is on.
    pub(super) fn explores(&self) -> bool {
        self.explore.to_bits() << 1 != 0
    }

    /// The rows that may be listed, out of `count` rows of a side.
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
