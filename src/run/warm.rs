//! A run that starts from the model of another run (the setting `init_from`).

use super::config::Config;
use super::event::{Observe, RunEvent};
use super::objectives::Objectives;
use super::record::InitFrom;
use crate::model::{Model, lists_file, model_file};
use crate::ratings::{Dataset, IdMap, Sides};
use crate::train::{Algorithm, Objective, WarmStart, filled_from, trained_on};
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

/// A model that training starts from.
struct From {
    path: PathBuf,
    model: Model,
    blake3: String,
}

/// The models that a run starts from, loaded before the ratings are read.
pub(super) struct Begin {
    ratings: Option<From>,
    lists: Option<From>,
}

/// The warm starts of a run, each with its entry for the record.
#[derive(Default)]
pub(super) struct Warm {
    ratings: Option<(WarmStart, InitFrom)>,
    lists: Option<(WarmStart, InitFrom)>,
}

impl From {
    fn load(path: PathBuf) -> Result<Self> {
        let (model, blake3) = Model::load_hashed(&path)?;
        Ok(Self { path, model, blake3 })
    }

    /// Makes the warm start of training and the entry for the record.
    fn start(self, data: &Dataset, observe: &mut Observe) -> Result<(WarmStart, InitFrom)> {
        let warm = WarmStart::new(&self.model, &data.users, &data.items)?;
        let (warm, rescaled) = warm.in_units_of(&self.model, data.triples())?;
        let Sides { users, items } = warm.known();
        let init_from = InitFrom {
            path: self.path.display().to_string(),
            blake3: self.blake3,
            draw: self.model.draws.len(),
            users,
            items,
            rescaled,
            left_out: [self.model.users.len() - users, self.model.items.len() - items],
        };
        let of = [data.users.len(), data.items.len()];
        let _ = observe(&RunEvent::Begun { from: &init_from, of });
        Ok((warm, init_from))
    }
}

impl Begin {
    /// The titles that the model has for these items; `None` if it has no titles.
    pub(super) fn titles(&self, items: &IdMap) -> Option<Vec<Option<String>>> {
        let model = &self.ratings.as_ref().or(self.lists.as_ref())?.model;
        let title = |id: &[u8]| model.items.get(id).and_then(|item| model.title(item)).map(str::to_owned);
        (!model.titles.is_empty()).then(|| items.iter().map(title).collect())
    }

    /// Loads the `init_from` models, if some are named, and fills the open settings from them. Without a choice
    /// of the objective, nothing is trained from the start beside a model of lists.
    pub(super) fn of(config: &Config) -> Result<(Config, Option<Self>)> {
        let mut config = config.clone();
        let Some(path) = config.init_from.clone() else { return Ok((config, None)) };
        let main = From::load(model_file(&path))?;
        let mut begin = if main.model.is_of_lists() {
            Self { ratings: None, lists: Some(main) }
        } else {
            Self { ratings: Some(main), lists: lists_file(&path)?.map(From::load).transpose()? }
        };
        if begin.ratings.is_none() {
            config.objective = config.objective.or(Some(Objectives::Lists));
        }
        let missing = match config.objective {
            Some(Objectives::Ratings) if begin.ratings.is_none() => "ratings",
            Some(Objectives::Lists) if begin.lists.is_none() => "lists",
            _ => "",
        };
        if !missing.is_empty() {
            let here = path.display();
            return Err(Error::Usage(format!(
                "{here} has no model of {missing} to begin from; train without it"
            )));
        }
        match config.objective {
            Some(Objectives::Ratings) => begin.lists = None,
            Some(Objectives::Lists) => begin.ratings = None,
            _ => {}
        }
        if let Some(From { model, .. }) = &begin.ratings {
            config.training = filled_from(&config.training, model)?;
        }
        if let Some(From { model, .. }) = &begin.lists {
            config.lists = filled_from(&config.lists, model)?;
        }
        Ok((config, Some(begin)))
    }

    /// Marks the ratings that the model was trained on; `None` if the model has not kept them.
    pub(super) fn trained_on(&self, data: &Dataset) -> Result<Option<Vec<bool>>> {
        match self.ratings.as_ref().or(self.lists.as_ref()) {
            Some(from) => trained_on(&from.model, data),
            None => Ok(None),
        }
    }

    /// Makes the warm starts of training.
    pub(super) fn start(self, data: &Dataset, observe: &mut Observe) -> Result<Warm> {
        let mut start = |from: Option<From>| from.map(|from| from.start(data, observe)).transpose();
        Ok(Warm { ratings: start(self.ratings)?, lists: start(self.lists)? })
    }
}

impl Warm {
    /// The warm start of an objective.
    pub(super) fn of(&self, objective: Objective) -> Option<&WarmStart> {
        let warm = match objective {
            Objective::Ratings => &self.ratings,
            Objective::Lists => &self.lists,
        };
        warm.as_ref().map(|(warm, _)| warm)
    }

    /// The checksums of the models.
    pub(super) fn checksum(&self) -> Option<String> {
        let all: Vec<&str> = [&self.ratings, &self.lists]
            .into_iter()
            .flatten()
            .map(|(_, from)| from.blake3.as_str())
            .collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    /// The entry for the record: that of the model of ratings, if there is one.
    pub(super) fn into_record(self) -> Option<InitFrom> {
        self.ratings.or(self.lists).map(|(_, from)| from)
    }
}
