//! The data of a report.

use super::text::name;
use crate::Result;
use crate::eval::{Predicted, predicted};
use crate::files::{own_read, read_own_text};
use crate::model::{Model, Rated, listed_by_default, rated_by};
use crate::ratings::Dataset;
use crate::run::config::Config;
use crate::run::directory::home_of;
use crate::run::metrics::{Curves, Epochs, read_curves};
use crate::run::names;
use crate::run::now::now;
use crate::run::record::Record;
use crate::run::status::Status;
use std::path::Path;

/// At most this many ratings, evenly spread over all, are predicted for charts.
const PREDICTED: usize = 200_000;

/// Predictions for ratings that the predicting model was not trained on.
#[derive(Debug)]
pub(in crate::run) struct Unseen {
    /// The kind of these ratings: `test` or `held-out`.
    pub(super) kind: &'static str,
    /// Whether the delivered model was trained on them after they were predicted.
    pub(super) before_refit: bool,
    /// The number of ratings of which these are a sample.
    pub(super) total: u64,
    pub(super) predicted: Vec<Predicted>,
}

impl Unseen {
    /// Predicts a sample of the test ratings.
    pub(in crate::run) fn test(model: &Model, test: &Dataset) -> Self {
        let predicted = predicted(model, test, PREDICTED);
        Self { kind: "test", before_refit: false, total: test.ratings.len() as u64, predicted }
    }

    /// The held-out ratings with the predictions that the search made for them.
    pub(in crate::run) fn held_out(predicted: Vec<Predicted>, before_refit: bool) -> Option<Self> {
        let total = predicted.len() as u64;
        (total > 0).then_some(Self { kind: "held-out", before_refit, total, predicted })
    }
}

/// Everything that a page can show.
pub(in crate::run) struct Sources<'a> {
    /// The name of the run.
    pub(in crate::run) name: String,
    /// When the page is written.
    pub(in crate::run) written: String,
    /// The status of the run; `None` if an older version made the run.
    pub(in crate::run) status: Option<Status>,
    pub(in crate::run) config: &'a Config,
    /// The text of `config.toml`.
    pub(in crate::run) config_text: String,
    /// The epochs of the model of ratings; none if only lists are trained.
    pub(in crate::run) curves: Curves,
    /// The epochs of the model of lists, if one is trained.
    pub(in crate::run) list_curves: Option<Curves>,
    /// The record of the run, if it is finished.
    pub(in crate::run) record: Option<&'a Record>,
    /// The model of the run: that of ratings, unless only lists were trained.
    pub(in crate::run) model: Option<&'a Model>,
    /// The model of lists beside that of ratings, if there is one. Both have the same users and items, in the
    /// same rows.
    pub(in crate::run) lists: Option<&'a Model>,
    /// The ratings the model was trained on, if they are known.
    pub(in crate::run) rated: &'a Rated,
    pub(in crate::run) titles: Option<&'a [Option<String>]>,
    pub(in crate::run) unseen: Option<Unseen>,
    /// What is missing, and the reason.
    pub(in crate::run) notes: Vec<String>,
}

impl<'a> Sources<'a> {
    /// The data of an unfinished run; a caller fills in the rest.
    pub(in crate::run) fn new(directory: &Path, config: &'a Config, rated: &'a Rated) -> Result<Self> {
        // Until it is complete, a run may be in a directory of another name.
        let home = home_of(directory).unwrap_or(directory);
        let whole = home.canonicalize().unwrap_or_else(|_| home.to_owned());
        let file = whole.file_name().unwrap_or_default().to_string_lossy();
        let path = directory.join(names::CONFIG);
        let Epochs { ratings: curves, lists: list_curves, unreadable } =
            read_curves(&directory.join(names::METRICS))?;
        let unreadable = unreadable.map(|line| {
            format!("Epochs are missing: {} cannot be read from line {line} on.", names::METRICS)
        });
        Ok(Self {
            name: name(file.as_bytes()),
            written: now(),
            status: None,
            config,
            config_text: read_own_text(&path).map_err(own_read(path))?,
            curves,
            list_curves,
            record: None,
            model: None,
            lists: None,
            rated,
            titles: None,
            unseen: None,
            notes: unreadable.into_iter().collect(),
        })
    }

    /// The model that lists are made by.
    pub(super) fn for_lists(&self) -> Option<&'a Model> {
        self.lists.or(self.model)
    }

    /// The model that ratings are predicted by, if one was trained.
    pub(super) fn for_ratings(&self) -> Option<&'a Model> {
        self.model.filter(|model| !model.is_of_lists())
    }

    /// The items that are listed unless something else is asked for, as in `top.csv`; all if it is not known.
    pub(super) fn listed(&self) -> Option<Vec<bool>> {
        let model = self.model?;
        if self.lists.is_some() { rated_by(model, 1) } else { listed_by_default(model) }
    }

    /// The number of a user's training ratings.
    pub(super) fn activity(&self, user: u32) -> u32 {
        self.rated.items(user).len() as u32
    }

    /// The number of training ratings of each item.
    pub(super) fn popularity(&self) -> Vec<u32> {
        self.rated.popularity(self.model.map_or(0, |model| model.items.len()))
    }
}
