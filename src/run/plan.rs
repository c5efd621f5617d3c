//! The size of a run, estimated before it starts.

use crate::Result;
use crate::human::thousands;
use crate::memory::need;
use crate::model::Model;
use crate::ratings::are_many;

/// The size of a run; memory and disk space in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// Training ratings, including those that training will hold out.
    pub ratings: u64,
    /// Users.
    pub users: u64,
    /// Items.
    pub items: u64,
    /// Factors per user and per item.
    pub factors: u64,
    /// Factors of the model of lists that is trained beside; before training, those that a race begins with.
    /// 0 if there is no such model.
    #[serde(default)]
    pub list_factors: u64,
    /// The posterior samples ("draws") that the model keeps, each a set of factors; 1 if it is of no chain.
    #[serde(default = "one")]
    pub draws: u64,
    /// Whether a rating fits one 4-byte word; otherwise it takes two.
    #[serde(default)]
    pub packed: bool,
    /// Size of the complete matrix as 4-byte numbers.
    pub matrix_bytes: u64,
    /// Size of the factors and biases, those of all draws.
    pub factor_bytes: u64,
    /// Size of the factors of the model of lists that is trained beside; 0 if there is none.
    #[serde(default)]
    pub list_factor_bytes: u64,
    /// Approximate size of the run directory: model, checkpoint, lists.
    #[serde(default)]
    pub disk_bytes: u64,
    /// Approximate memory of training: the ratings as read and grouped by row, and several copies of the
    /// factors.
    pub memory_bytes: u64,
    /// Where the ratings do not fit the memory that the run may take: the bytes of memory for those that are read
    /// from disk at a time. 0 if they are in memory.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub piece_bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(bytes: &u64) -> bool {
    *bytes == 0
}

/// What a run with ratings on disk has in memory beside factors and pieces of ratings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside {
    /// The bytes of all ids.
    pub(super) ids: u64,
    /// The stages of an epoch.
    pub(super) stages: u64,
    /// The ratings that are held out or set aside.
    pub(super) aside: u64,
    /// The ranks that train in this process.
    pub(super) ranks: u64,
    /// Whether the model has the ratings when it is trained.
    pub(super) kept: bool,
}

/// Bytes that a process takes without any ratings.
const EMPTY: u64 = 32 << 20;

fn one() -> u64 {
    1
}

/// Approximate GPU memory of a run, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDevice {
    /// Description of the GPU.
    pub device: String,
    /// Factors, per-row data, and the copies of both.
    pub factor_bytes: u64,
    /// Ratings by user and by item.
    pub rating_bytes: u64,
    /// The memory limit, if there is one.
    pub limit_bytes: Option<u64>,
    /// Whether the ratings exceed the free memory and are streamed through a part of it.
    pub streams: bool,
    /// Whether the factors fit the limit.
    pub fits: bool,
}

impl Plan {
    /// Estimates the sizes from counts.
    pub fn new(ratings: usize, (users, items): (usize, usize), factors: usize) -> Self {
        let [ratings, users, items, factors] = [ratings, users, items, factors].map(|count| count as u64);
        let factor_bytes = 4 * (users + items) * (factors + 1);
        Self {
            ratings,
            users,
            items,
            factors,
            list_factors: 0,
            draws: 1,
            packed: false,
            matrix_bytes: 4 * users * items,
            // The model with the ratings it keeps, a checkpoint with the row states, and a list of twenty
            // lines per user.
            disk_bytes: 2 * factor_bytes + 12 * (users + items) + 8 * ratings + users * 20 * 24,
            factor_bytes,
            list_factor_bytes: 0,
            // Triples, rows by user and by item, marks, and the ratings dealt to stages. The race keeps a
            // state per candidate.
            memory_bytes: ratings * (12 + 16 + 3) + 8 * factor_bytes,
            piece_bytes: 0,
        }
    }

    /// The memory of a whole run with ratings in memory.
    pub(super) fn held(&self, beside: &Beside) -> u64 {
        EMPTY + beside.ids + self.memory_bytes
    }

    /// The memory of training with ratings on disk, without their pieces.
    pub(super) fn beside(&self, beside: &Beside) -> u64 {
        let Beside { ids, stages, aside, ranks, .. } = *beside;
        // A row has a number and a start in each stage in which it has ratings, and counts while the ratings are
        // dealt; a position, and a count of all.
        let index = 20 * (self.users + self.items * stages) + 12 * (self.users + self.items);
        // Those aside are marked or copied, and translated once more.
        let kept = self.factor_bytes - self.factor_bytes / self.draws;
        EMPTY + ids + 24 * aside + kept + ranks * (self.state_bytes() + index)
    }

    /// The memory of writing the model and the lists, for which the model has the ratings that it keeps.
    pub(super) fn finishing(&self, beside: &Beside) -> u64 {
        let rating = if self.packed { 5 } else { 8 };
        let kept = if beside.kept { self.ratings * rating + 16 * self.users } else { 0 };
        EMPTY + beside.ids + 12 * beside.aside + 3 * self.factor_bytes.max(self.list_factor_bytes) + kept
    }

    /// The same with ratings on disk, of which so many bytes are in memory at a time, for each rank.
    pub(super) fn on_disk(self, beside: &Beside, piece_bytes: u64) -> Self {
        let training = self.beside(beside) + beside.ranks * piece_bytes;
        let rating = if self.packed { 16 } else { 24 };
        Self {
            piece_bytes,
            memory_bytes: training.max(self.finishing(beside)),
            disk_bytes: self.disk_bytes + rating * self.ratings,
            ..self
        }
    }

    /// The memory of all states of factors in training.
    fn state_bytes(&self) -> u64 {
        8 * 4 * (self.users + self.items) * (self.factors.max(self.list_factors) + 1)
    }

    /// The bytes that training certainly takes in addition to the ratings as they were read, of which it
    /// trains on `trained` at a time: these by user and by item, and the factors as a state and once more, on
    /// an engine or in the model.
    fn least_bytes(&self, trained: u64) -> u64 {
        let word = if self.packed { 4 } else { 8 };
        let rows = self.users + self.items;
        trained * 2 * word + 2 * 4 * rows * self.factors.max(self.list_factors)
    }

    /// Checks that the memory suffices to train on `trained` ratings at a time, once the ratings are read.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge).
    pub(super) fn check_memory(&self, trained: u64) -> Result<()> {
        let factors = self.factors.max(self.list_factors);
        let what = format!("training {factors} factors on {} ratings", thousands(trained));
        need(self.least_bytes(trained), &what, "fewer factors (`training.factors`) help")
    }

    /// The same with a model of lists of this plan, which is trained first.
    pub(super) fn with_lists(self, lists: &Self) -> Self {
        Self {
            list_factors: lists.factors,
            list_factor_bytes: lists.factor_bytes,
            disk_bytes: self.disk_bytes + lists.factor_bytes + 8 * lists.ratings,
            memory_bytes: self.memory_bytes.max(lists.memory_bytes),
            ..self
        }
    }

    /// The same with so many ranks as threads, each with the factors of all and its part of the ratings.
    pub(super) fn with_ranks(self, ranks: usize) -> Self {
        let more = ranks.saturating_sub(1) as u64;
        let factors = 8 * 4 * (self.users + self.items) * (self.factors.max(self.list_factors) + 1);
        let parts = if more > 0 { 16 * self.ratings } else { 0 };
        Self { memory_bytes: self.memory_bytes + more * factors + parts, ..self }
    }

    /// The same with so many draws in the model.
    #[must_use]
    pub fn with_draws(self, draws: usize) -> Self {
        let draws = draws.max(1) as u64;
        // The model and a checkpoint have them on disk.
        let more = (draws - 1) * self.factor_bytes;
        Self {
            draws,
            factor_bytes: self.factor_bytes + more,
            disk_bytes: self.disk_bytes + 2 * more,
            memory_bytes: self.memory_bytes + more,
            ..self
        }
    }

    /// The same with the sizes of models that are trained.
    pub(super) fn of_models(self, model: &Model, lists: Option<&Model>) -> Self {
        let bytes = |model: &Model| {
            let factors = model.draws.first().map_or(0, |draw| draw.users.columns() as u64);
            let (draws, rows) = (model.draws.len() as u64, self.users + self.items);
            (factors, draws, draws * 4 * rows * (factors + 1))
        };
        let (factors, draws, factor_bytes) = bytes(model);
        let (list_factors, _, list_factor_bytes) = lists.map_or((0, 0, 0), bytes);
        Self { factors, list_factors, draws, factor_bytes, list_factor_bytes, ..self }
    }

    /// The same when a rating fits one word.
    #[must_use]
    pub fn packed(self) -> Self {
        // Held-out ratings do not count, and the rest may be too few for packing.
        let saved = if are_many(self.ratings as usize / 2) { 8 * self.ratings } else { 0 };
        Self { packed: true, memory_bytes: self.memory_bytes - saved, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bound lies below the estimate that people are told, whatever the sizes.
    #[test]
    fn a_lower_bound_is_below_the_estimate() {
        for ratings in [10, 1_000_000, 100_000_000] {
            for factors in [1, 128, 2048] {
                let plan = Plan::new(ratings, (ratings / 20 + 1, 1000), factors);
                for plan in [plan, plan.packed()] {
                    let read = 12 * ratings as u64;
                    assert!(read + plan.least_bytes(ratings as u64) <= plan.memory_bytes, "{plan:?}");
                }
            }
        }
        let huge = Plan { users: 1 << 32, factors: 4096, ..Plan::new(1, (1, 1), 1) };
        if crate::memory::available().is_some() {
            assert_eq!(huge.check_memory(1).unwrap_err().exit_code(), 4);
        }
        assert!(Plan::new(1000, (10, 10), 8).check_memory(1000).is_ok());
    }
}
