//! Questions to a model, by ids. An id that the model does not know gives `None`.

use crate::Result;
use crate::eval::{Evaluation, EvaluationOptions, evaluate};
use crate::model::Model;
use crate::ratings::{Dataset, Id, IdText, Side};
use crate::score::{TopOptions, predict, similar, top_items};
use crate::stop::Stop;
use crate::train::engine::cpu::CpuEngine;
use crate::train::{Added, Settings, State, add_new};

/// Ids with their scores, best first.
pub type Ranked<'a> = Vec<(IdText<'a>, f32)>;

impl Model {
    /// Whether the model knows a user.
    pub fn knows_user(&self, user: impl Id) -> bool {
        self.row(Side::User, user).is_some()
    }

    /// Whether the model knows an item.
    pub fn knows_item(&self, item: impl Id) -> bool {
        self.row(Side::Item, item).is_some()
    }

    /// The expected rating of an item by a user, clipped to the range of the training ratings. `None` if the
    /// model does not know the user or the item.
    pub fn predict(&self, user: impl Id, item: impl Id) -> Option<f32> {
        let (user, item) = (self.row(Side::User, user)?, self.row(Side::Item, item)?);
        Some(predict(self, Some(user), Some(item)))
    }

    /// The `count` items that a user has not rated and is expected to like best, with their scores:
    /// predictions that are not clipped to the range of ratings, so that the best ones are in order. `None`
    /// if the model does not know the user. If the model kept no ratings, rated items may be listed, too.
    pub fn top(&self, user: impl Id, count: usize) -> Option<Ranked<'_>> {
        self.top_many([user], count).pop().flatten()
    }

    /// As [`top`](Self::top) for each of some users, which is much faster than one after the other.
    pub fn top_many<User: Id>(
        &self,
        users: impl IntoIterator<Item = User>,
        count: usize,
    ) -> Vec<Option<Ranked<'_>>> {
        let rows: Vec<Option<u32>> = users.into_iter().map(|user| self.row(Side::User, user)).collect();
        let known: Vec<u32> = rows.iter().flatten().copied().collect();
        if known.is_empty() {
            return vec![None; rows.len()];
        }
        let options = TopOptions { count, exclude: Some(&self.rated), ..TopOptions::default() };
        let mut lists = top_items(self, &known, &options).into_iter();
        let list = |row: Option<u32>| row.and_then(|_| lists.next()).map(|list| self.named(Side::Item, list));
        rows.into_iter().map(list).collect()
    }

    /// The `count` items most similar to an item, with the cosines of their factors, from -1 to 1; how much
    /// an item is liked has no influence. `None` if the model does not know the item.
    pub fn similar(&self, item: impl Id, count: usize) -> Option<Ranked<'_>> {
        self.similar_rows(Side::Item, item, count)
    }

    /// The `count` users most similar to a user, as [`similar`](Self::similar) items.
    pub fn similar_users(&self, user: impl Id, count: usize) -> Option<Ranked<'_>> {
        self.similar_rows(Side::User, user, count)
    }

    /// Adds the users and items that are new to the model. Each gets the factors that training would give it
    /// with all other rows fixed. Ratings of known items by known users are not used: to use them, train
    /// again with [`Recommender::begin_from`](super::Recommender::begin_from).
    ///
    /// # Errors
    /// [`Error::Usage`](crate::Error::Usage) if an older version or another program made the model;
    /// [`Error::Diverged`](crate::Error::Diverged) if ratings are so large that the new rows are not finite.
    pub fn fold_in(&mut self, new: &Dataset) -> Result<Added> {
        let mut open = |problem, state: &State| Ok(Box::new(CpuEngine::new(problem, state)) as _);
        add_new(self, new, &mut open, Settings::default().seed)
    }

    /// Measures the model on ratings that it was not trained on, and compares it with baselines.
    ///
    /// # Errors
    /// [`Error::Usage`](crate::Error::Usage) if the model kept no ratings;
    /// [`Error::Input`](crate::Error::Input) if the model knows neither a user nor an item of the test.
    pub fn evaluate(&self, test: &Dataset) -> Result<Evaluation> {
        self.evaluate_with(test, &EvaluationOptions::default(), &Stop::new())
    }

    /// As [`evaluate`](Self::evaluate), with options, and with a token that stops it.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate); [`Error::Usage`](crate::Error::Usage) for odd options,
    /// [`Error::Stopped`](crate::Error::Stopped) if `stop` is raised.
    pub fn evaluate_with(
        &self,
        test: &Dataset,
        options: &EvaluationOptions,
        stop: &Stop,
    ) -> Result<Evaluation> {
        evaluate(self, test, options, stop)
    }

    fn row(&self, side: Side, id: impl Id) -> Option<u32> {
        self.ids(side).get(&id.to_bytes())
    }

    fn named(&self, side: Side, list: Vec<(u32, f32)>) -> Ranked<'_> {
        let ids = self.ids(side);
        list.into_iter().map(|(row, score)| (ids.id(row).into(), score)).collect()
    }

    fn similar_rows(&self, side: Side, id: impl Id, count: usize) -> Option<Ranked<'_>> {
        let row = self.row(side, id)?;
        similar(self, side, &[row], count).pop().map(|list| self.named(side, list))
    }
}
