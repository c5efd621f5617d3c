//! The model that training delivers: its factors with the ids, the ratings, and what it says about itself.

use super::training::Outcome;
use crate::model::{About, Model, Rated, TrainingMetrics};
use crate::ratings::Dataset;

impl Outcome {
    /// The model of the ratings that were trained on. Its bytes depend on the ratings and settings alone: no times, no paths,
    /// no threads.
    pub fn into_model(self, data: Dataset) -> Model {
        let Dataset { ratings, users, items, .. } = data;
        let rated = Rated::from_ratings(&ratings, users.len(), items.len());
        let about = About::new(&self.settings, &self.metrics(ratings.len()));
        let range = (self.scale.low, self.scale.high);
        Model { draws: self.draws, users, items, rated, range, about }
    }

    fn metrics(&self, ratings: usize) -> TrainingMetrics {
        let best = self.search.best();
        TrainingMetrics {
            ratings,
            mean: self.scale.mean,
            deviation: self.scale.deviation,
            best_epoch: Some(best.map_or(0, |best| best.epoch)),
            held_out_rmse: best.and_then(|best| best.held_out_rmse),
            refit_epochs: self.refit.as_ref().map(|refit| refit.epochs.len()),
        }
    }
}
