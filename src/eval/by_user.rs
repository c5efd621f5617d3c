//! Test ratings by user, in the numbers of a model.

use crate::model::Model;
use crate::ratings::Dataset;

/// A test rating.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TestRating {
    /// The item's row in the model; none if the model does not know it.
    pub(super) item: Option<u32>,
    pub(super) value: f32,
}

/// The test ratings of every user who has some, in the order of the model's rows, which does not depend on
/// how the test set is sorted; users that the model does not know come last, in the order in which the test
/// set first names them.
#[derive(Debug, Clone, Default)]
pub(super) struct ByUser {
    /// The row of each user in the model; none if the model does not know them.
    pub(super) users: Vec<Option<u32>>,
    /// The number of different items that were rated.
    pub(super) items: usize,
    /// The number of each user in the test set.
    raters: Vec<usize>,
    starts: Vec<usize>,
    ratings: Vec<TestRating>,
}

impl ByUser {
    pub(super) fn new(model: &Model, test: &Dataset) -> Self {
        let users = test.users.rows_in(&model.users);
        let counts = counts(test);
        let mut raters: Vec<usize> = (0..users.len()).filter(|&user| counts[user] > 0).collect();
        raters.sort_by_key(|&user| (users[user].is_none(), users[user]));
        Self::of_raters(raters, (users, &counts), model, test)
    }

    /// The same users in the same order, in the numbers of another model.
    pub(super) fn with(&self, model: &Model, test: &Dataset) -> Self {
        let users = test.users.rows_in(&model.users);
        Self::of_raters(self.raters.clone(), (users, &counts(test)), model, test)
    }

    fn of_raters(
        raters: Vec<usize>,
        (users, counts): (Vec<Option<u32>>, &[usize]),
        model: &Model,
        test: &Dataset,
    ) -> Self {
        let items = test.items.rows_in(&model.items);
        let mut next = vec![0; users.len()];
        let mut starts = vec![0];
        for &user in &raters {
            let start = starts[starts.len() - 1];
            next[user] = start;
            starts.push(start + counts[user]);
        }
        let mut rated = vec![false; items.len()];
        let mut ratings = vec![TestRating { item: None, value: 0.0 }; test.ratings.len()];
        for (user, item, value) in test.ratings.iter() {
            ratings[next[user as usize]] = TestRating { item: items[item as usize], value };
            next[user as usize] += 1;
            rated[item as usize] = true;
        }
        let items = rated.into_iter().filter(|rated| *rated).count();
        Self { users: raters.iter().map(|&user| users[user]).collect(), items, raters, starts, ratings }
    }

    /// The number of users.
    pub(super) fn len(&self) -> usize {
        self.users.len()
    }

    /// The test ratings of the `n`-th user.
    pub(super) fn of(&self, n: usize) -> &[TestRating] {
        &self.ratings[self.starts[n]..self.starts[n + 1]]
    }
}

/// The number of test ratings of each user.
fn counts(test: &Dataset) -> Vec<usize> {
    let mut counts = vec![0; test.users.len()];
    test.ratings.users.iter().for_each(|&user| counts[user as usize] += 1);
    counts
}
