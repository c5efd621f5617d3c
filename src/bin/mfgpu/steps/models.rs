//! Loads the model that suits a command, of a run that may have two.

use crate::show::talk::say;
use mfgpu::model::{Model, lists_file};
use mfgpu::train::Objective;
use mfgpu::{Error, Result};
use std::path::Path;

/// The model to make lists by: that of lists, if there is one. The model of ratings beside it is the second.
pub(crate) fn for_lists(path: &Path, by: Option<Objective>) -> Result<(Model, Option<Model>)> {
    match lists_file(path)? {
        Some(file) if by != Some(Objective::Ratings) => Ok((Model::load(file)?, Some(Model::load(path)?))),
        _ => Ok((only(path, by)?, None)),
    }
}

/// The model to predict ratings by: that of ratings, if there is one.
pub(crate) fn for_ratings(path: &Path) -> Result<Model> {
    let model = Model::load(path)?;
    if model.is_of_lists() {
        say("note: the model is of lists: its scores order items, and are no ratings");
    }
    Ok(model)
}

/// The model of an objective, or the main one.
pub(crate) fn one(path: &Path, by: Option<Objective>) -> Result<Model> {
    match lists_file(path)? {
        Some(file) if by == Some(Objective::Lists) => Model::load(file),
        _ => only(path, by),
    }
}

fn only(path: &Path, by: Option<Objective>) -> Result<Model> {
    let model = Model::load(path)?;
    let is = if model.is_of_lists() { Objective::Lists } else { Objective::Ratings };
    match by {
        Some(by) if by != is => {
            let (here, by, is) = (path.display(), by.name(), is.name());
            Err(Error::Usage(format!("{here} has no model of {by}, only one of {is}; leave out --by {by}")))
        }
        _ => Ok(model),
    }
}
