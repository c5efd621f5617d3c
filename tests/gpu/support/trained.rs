//! Models trained for a test.

use crate::learning::{cpu, training, unwatched};
use mfgpu::Result;
use mfgpu::model::{Model, Rated};
use mfgpu::ratings::Dataset;
use mfgpu::train::{OpenEngine, Outcome, Settings, train};

/// Trains on engines of this opener.
pub(crate) fn train_with(open: &mut OpenEngine, data: &Dataset, settings: &Settings) -> Result<Outcome> {
    let size = (data.users.len(), data.items.len());
    train(training(&data.ratings, size), settings, open, &mut unwatched)
}

/// Trains on the CPU.
pub(crate) fn train_on(data: &Dataset, settings: &Settings) -> Result<Outcome> {
    train_with(&mut cpu, data, settings)
}

/// The model trained on `data`.
pub(crate) fn model_of(outcome: &Outcome, data: &Dataset) -> Model {
    Model {
        draws: outcome.draws.clone(),
        users: data.users.clone(),
        items: data.items.clone(),
        rated: Rated::from_ratings(&data.ratings, data.users.len(), data.items.len()),
        range: (outcome.scale.low, outcome.scale.high),
        ..Model::default()
    }
}
