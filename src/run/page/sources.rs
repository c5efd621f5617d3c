//! The data of a report: in memory at the end of a run, read from the run directory later.

use super::text::name;
use crate::eval::{Predicted, predicted};
use crate::input::{ReadOptions, read_names, read_ratings};
use crate::model::{Model, Rated};
use crate::ratings::Dataset;
use crate::run::config::Config;
use crate::run::metrics::{Curves, read_curves};
use crate::run::now::now;
use crate::run::record::Record;
use crate::run::slice::Slice;
use crate::run::status::Status;
use crate::run::{names, residuals};
use crate::stop::Stop;
use crate::{Error, Result};
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
    pub(in crate::run) curves: Curves,
    /// The epochs of the model of lists, if there is one beside that of ratings.
    pub(in crate::run) list_curves: Option<Curves>,
    /// The record of the run, if it is finished.
    pub(in crate::run) record: Option<&'a Record>,
    pub(in crate::run) model: Option<&'a Model>,
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
        let whole = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        let file = whole.file_name().unwrap_or_default().to_string_lossy();
        let path = directory.join(names::CONFIG);
        let (curves, list_curves) = read_curves(&directory.join(names::METRICS))?;
        Ok(Self {
            name: name(file.as_bytes()),
            written: now(),
            status: None,
            config,
            config_text: std::fs::read_to_string(&path).map_err(Error::read(path))?,
            curves,
            list_curves,
            record: None,
            model: None,
            rated,
            titles: None,
            unseen: None,
            notes: Vec::new(),
        })
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

/// The data that a run left in its directory.
pub(super) struct Kept {
    config: Config,
    finished: Option<(Record, Model)>,
    titles: Option<Vec<Option<String>>>,
    notes: Vec<String>,
}

impl Kept {
    pub(super) fn load(directory: &Path) -> Result<Self> {
        let config = directory.join(names::CONFIG);
        if !config.exists() {
            let here = directory.display();
            return Err(Error::Usage(format!("{here}: no run is here, found no {}", names::CONFIG)));
        }
        let config = Config::load(&config)?;
        let mut this = Self { config, finished: None, titles: None, notes: Vec::new() };
        if directory.join(names::MODEL).exists() && directory.join(names::RECORD).exists() {
            let model = Model::load(directory)?;
            if let Some(path) = &this.config.item_names {
                match read_names(path, &model.items) {
                    Ok(titles) => this.titles = Some(titles),
                    Err(error) => this.notes.push(format!("Items are named by their ids: {error}.")),
                }
            }
            this.finished = Some((Record::load(&directory.join(names::RECORD))?, model));
        }
        Ok(this)
    }

    pub(super) fn sources(&self, directory: &Path, stop: &Stop) -> Result<Sources<'_>> {
        static NOTHING: std::sync::LazyLock<Rated> = std::sync::LazyLock::new(Rated::default);
        let rated = self.finished.as_ref().map_or(&*NOTHING, |(_, model)| &model.rated);
        let mut sources = Sources::new(directory, &self.config, rated)?;
        sources.notes.clone_from(&self.notes);
        if directory.join(names::STATUS).exists() {
            sources.status = Some(Status::load(directory)?);
        }
        if let Some((record, model)) = &self.finished {
            (sources.record, sources.model) = (Some(record), Some(model));
            sources.titles = self.titles.as_deref();
            match self.unseen(directory, (record, model), stop) {
                Ok(unseen) => sources.unseen = unseen,
                Err(error) => sources.notes.push(format!("The test is not shown: {error}.")),
            }
        }
        Ok(sources)
    }

    /// Predictions for ratings that the model was not trained on, from the files of the run.
    fn unseen(
        &self,
        directory: &Path,
        (record, model): (&Record, &Model),
        stop: &Stop,
    ) -> Result<Option<Unseen>> {
        let read = |path: &Path, options: &ReadOptions| {
            let (test, _) = read_ratings(&[path.to_owned()], options, &mut |_, _| stop.check())?;
            Ok(Some(Unseen::test(model, &test)))
        };
        match self.config.test().and_then(Slice::file) {
            Some(path) => return read(path, &self.config.input),
            None if self.config.sets_test_aside() => {
                return read(&directory.join(names::TEST), &ReadOptions::default());
            }
            None => {}
        }
        let path = directory.join(names::HELD_OUT);
        if !path.exists() {
            return Ok(None);
        }
        Ok(Unseen::held_out(residuals::read(&path, model)?, record.report.refit_epochs.is_some()))
    }
}
