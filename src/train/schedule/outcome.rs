//! The result of a training run, and its conversion to a model with ids and ratings.

use super::residuals::Residual;
use crate::Result;
use crate::math::packed;
use crate::model::{About, Factors, Model, Rated, TrainingMetrics};
use crate::ratings::{Dataset, IdMap, Scale};
use crate::train::choices::Objective;
use crate::train::curve::{Curve, Epoch};
use crate::train::settings::Settings;
use serde::{Deserialize, Serialize};

/// The result of a training run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// The factors: one set, or the posterior samples ("draws") that were kept.
    pub draws: Vec<Factors>,
    /// The settings, with every open choice decided.
    pub settings: Settings,
    /// The epochs with ratings held out.
    pub search: Curve,
    /// The epochs on all ratings, if there was a refit.
    pub refit: Option<Curve>,
    /// The predictions of the search for held-out ratings, for at most 200,000 of them.
    #[serde(with = "packed")]
    pub residuals: Vec<Residual>,
    /// The RMSE of always predicting the mean of the training ratings, on the ratings that the search held
    /// out; none without such ratings, where another criterion than the RMSE decides, and in older
    /// checkpoints.
    #[serde(default)]
    pub held_out_mean: Option<f64>,
    /// The scale of the ratings.
    pub scale: Scale,
}

impl Outcome {
    /// The model of the ratings that were trained on. Its bytes depend on the ratings and settings alone, not
    /// on times, paths or threads.
    ///
    /// # Errors
    /// Those of reading ratings on disk.
    pub fn into_model(self, data: Dataset) -> Result<Model> {
        let rated = Rated::over(data.triples(), data.users.len(), data.items.len())?;
        let ratings = data.triples().len();
        Ok(self.model((rated, ratings), data.users, data.items))
    }

    /// As [`into_model`](Self::into_model), but borrows the ratings and copies the ids.
    ///
    /// # Errors
    /// As [`into_model`](Self::into_model).
    pub fn model_of(self, data: &Dataset) -> Result<Model> {
        let rated = Rated::over(data.triples(), data.users.len(), data.items.len())?;
        Ok(self.model((rated, data.triples().len()), data.users.clone(), data.items.clone()))
    }

    /// The same model without the ratings, which are not read; the ids are copied.
    pub fn model_without_ratings(self, data: &Dataset) -> Model {
        self.model((Rated::default(), data.triples().len()), data.users.clone(), data.items.clone())
    }

    fn model(self, (rated, ratings): (Rated, usize), users: IdMap, items: IdMap) -> Model {
        let about = About::new(&self.settings, &self.metrics(ratings));
        // A score of a list is no rating, and is not clipped.
        let (about, range) = match self.settings.algorithm.objective() {
            Objective::Ratings => (about, (self.scale.low, self.scale.high)),
            Objective::Lists => {
                let about = about.with_metric("held_out", &self.search.best_score());
                (about.with_weights(&self.scale), (f32::MIN, f32::MAX))
            }
        };
        Model { draws: self.draws, users, items, rated, range, titles: Vec::new(), about }
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
