//! What a training run gives, and the model that it is with the ids and the ratings.

use super::residuals::Residual;
use crate::math::packed;
use crate::model::{About, Factors, Model, Rated, TrainingMetrics};
use crate::ratings::{Dataset, IdMap, Ratings, Scale};
use crate::train::curve::{Curve, Epoch};
use crate::train::settings::Settings;
use serde::{Deserialize, Serialize};

/// What a run gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// The factors: one set, or the draws that are kept.
    pub draws: Vec<Factors>,
    /// The settings with everything decided that was left open.
    pub settings: Settings,
    /// The epochs with ratings held out.
    pub search: Curve,
    /// The epochs on all ratings, if there was a refit.
    pub refit: Option<Curve>,
    /// What the search predicted for the ratings it held out, at most 200,000 of them.
    #[serde(with = "packed")]
    pub residuals: Vec<Residual>,
    /// What the ratings are like.
    pub scale: Scale,
}

impl Outcome {
    /// The model of the ratings that were trained on. Its bytes depend on the ratings and settings alone: no times, no paths,
    /// no threads.
    pub fn into_model(self, data: Dataset) -> Model {
        let Dataset { ratings, users, items, .. } = data;
        self.model(&ratings, users, items)
    }

    /// As [`into_model`](Self::into_model), of ratings that stay; the ids are copied.
    pub fn model_of(self, data: &Dataset) -> Model {
        self.model(&data.ratings, data.users.clone(), data.items.clone())
    }

    fn model(self, ratings: &Ratings, users: IdMap, items: IdMap) -> Model {
        let rated = Rated::from_ratings(ratings, users.len(), items.len());
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
            held_out_rmse: best.and_then(Epoch::held_out_rmse),
            refit_epochs: self.refit.as_ref().map(|refit| refit.epochs.len()),
        }
    }
}
