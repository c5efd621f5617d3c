//! The part of a run that trains the model of lists, before that of ratings. It is finished when its file is
//! written, which says what it was made of; so a run that is resumed knows whether to train it.

use super::checkpoint_file::Header;
use super::directory::RunDirectory;
use super::names;
use super::report::ListsReport;
use crate::model::Model;
use crate::ratings::Dataset;
use crate::train::Outcome;
use crate::{Error, Result};

/// The name of the metadata that says what the model was made of.
const MADE_OF: &str = "made_of";

/// The model of lists of this run, if it is finished.
pub(super) fn finished(directory: &RunDirectory, header: &Header) -> Result<Option<Model>> {
    let path = directory.file(names::LISTS);
    if !path.exists() {
        return Ok(None);
    }
    let model = Model::load(&path)?;
    if model.about.metric(MADE_OF) == Some(made_of(header)) {
        return Ok(Some(model));
    }
    let why = "it was made of other ratings or with other settings; bring them back, or train again";
    Err(Error::Damaged { path, why: why.into() })
}

/// Writes the model of lists, and returns what there is to report of it.
pub(super) fn write(
    outcome: Outcome,
    (data, titles): (&Dataset, Option<&[Option<String>]>),
    keep_ratings: bool,
    (directory, header): (&RunDirectory, &Header),
    train_seconds: f64,
) -> Result<Option<ListsReport>> {
    let search_epochs = Some(outcome.search.epochs.len());
    let model = model_of(outcome, (data, titles), keep_ratings, header)?;
    model.write_to(directory.writing(names::LISTS)?)?;
    Ok(ListsReport::of(&model, train_seconds).map(|report| ListsReport { search_epochs, ..report }))
}

/// The model that is trained beside that of ratings.
pub(super) fn model_of(
    outcome: Outcome,
    (data, titles): (&Dataset, Option<&[Option<String>]>),
    keep_ratings: bool,
    header: &Header,
) -> Result<Model> {
    let mut model = if keep_ratings { outcome.model_of(data)? } else { outcome.model_without_ratings(data) };
    model.about = model.about.with_metric(MADE_OF, &made_of(header));
    model.titles = titles.unwrap_or_default().to_vec();
    Ok(model)
}

/// The checksums of the ratings, of the settings, and of the model that training began from.
fn made_of(header: &Header) -> String {
    let begun = header.init_from.as_deref().unwrap_or_default();
    blake3::hash([&header.data, &header.settings, begun].join(" ").as_bytes()).to_hex().to_string()
}
