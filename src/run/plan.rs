//! How large a run will be, before it is run.

use crate::ratings::are_many;

/// Sizes of a run; bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// Ratings to train on, those held out among them.
    pub ratings: u64,
    /// Users.
    pub users: u64,
    /// Items.
    pub items: u64,
    /// Numbers that describe a user, and an item.
    pub factors: u64,
    /// Whether a rating can be one word, and not two.
    #[serde(default)]
    pub packed: bool,
    /// What the whole matrix would take as 4-byte numbers.
    pub matrix_bytes: u64,
    /// What factors and biases take.
    pub factor_bytes: u64,
    /// About what the run directory takes: model, checkpoint, lists.
    #[serde(default)]
    pub disk_bytes: u64,
    /// About what training takes in memory: ratings as read and by row, and factors in a few copies.
    pub memory_bytes: u64,
}

/// What a run takes on a GPU; bytes, about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDevice {
    /// Which one.
    pub device: String,
    /// Factors, what belongs to rows, and copies of both.
    pub factor_bytes: u64,
    /// Ratings by user and by item.
    pub rating_bytes: u64,
    /// What it may take.
    pub limit_bytes: Option<u64>,
    /// Whether ratings go through a part of what they take, again and again.
    pub streams: bool,
    /// Whether factors fit.
    pub fits: bool,
}

impl Plan {
    /// Sizes from counts.
    pub fn new(ratings: usize, (users, items): (usize, usize), factors: usize) -> Self {
        let [ratings, users, items, factors] = [ratings, users, items, factors].map(|count| count as u64);
        let factor_bytes = 4 * (users + items) * (factors + 1);
        Self {
            ratings,
            users,
            items,
            factors,
            packed: false,
            matrix_bytes: 4 * users * items,
            // The model with the ratings it keeps, a checkpoint with the states of rows, and a list of twenty lines a user.
            disk_bytes: 2 * factor_bytes + 12 * (users + items) + 8 * ratings + users * 20 * 24,
            factor_bytes,
            // Triples, rows by user and by item, marks and those that are dealt to stages; the race keeps a state a setting.
            memory_bytes: ratings * (12 + 16 + 3) + 8 * factor_bytes,
        }
    }

    /// The same where a rating can be a word.
    #[must_use]
    pub fn packed(self) -> Self {
        // Some are held out, and what is left may be too few.
        let saved = if are_many(self.ratings as usize / 2) { 8 * self.ratings } else { 0 };
        Self { packed: true, memory_bytes: self.memory_bytes - saved, ..self }
    }
}
