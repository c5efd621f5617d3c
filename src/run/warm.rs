//! A run that starts from the model of another run (the setting `init_from`).

use super::config::Config;
use super::event::{Observe, RunEvent};
use super::record::InitFrom;
use crate::model::{Model, model_file};
use crate::ratings::{Dataset, Sides};
use crate::train::{Algorithm, WarmStart, filled_from, trained_on};
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The algorithm that trained a model.
///
/// # Errors
/// [`Error::Read`], [`Error::Damaged`]; [`Error::Usage`] if the model does not record its algorithm.
pub fn algorithm_of(path: &Path) -> Result<Algorithm> {
    Model::load(path)?.about.setting("algorithm").ok_or_else(|| {
        let here = path.display();
        let advice = "name one with `training.algorithm`";
        Error::Usage(format!("{here} does not say which algorithm trained it; {advice}"))
    })
}

/// The model that a run starts from, loaded before the ratings are read.
pub(super) struct Begin {
    path: PathBuf,
    model: Model,
    blake3: String,
}

impl Begin {
    /// Loads the `init_from` model, if one is named, and fills the open settings from it.
    pub(super) fn of(config: &Config) -> Result<(Config, Option<Self>)> {
        let mut config = config.clone();
        let Some(path) = config.init_from.as_deref().map(model_file) else { return Ok((config, None)) };
        let (model, blake3) = Model::load_hashed(&path)?;
        config.training = filled_from(&config.training, &model)?;
        Ok((config, Some(Self { path, model, blake3 })))
    }

    /// Marks the ratings that the model was trained on; `None` if the model has not kept them.
    pub(super) fn trained_on(&self, data: &Dataset) -> Option<Vec<bool>> {
        trained_on(&self.model, data)
    }

    /// Makes the warm start of training and the entry for the record.
    pub(super) fn start(self, data: &Dataset, observe: &mut Observe) -> Result<(WarmStart, InitFrom)> {
        let warm = WarmStart::new(&self.model, &data.users, &data.items)?;
        let Sides { users, items } = warm.known();
        let init_from = InitFrom {
            path: self.path.display().to_string(),
            blake3: self.blake3,
            draw: self.model.draws.len(),
            users,
            items,
            left_out: [self.model.users.len() - users, self.model.items.len() - items],
        };
        let of = [data.users.len(), data.items.len()];
        let _ = observe(&RunEvent::Begun { from: &init_from, of });
        Ok((warm, init_from))
    }
}
