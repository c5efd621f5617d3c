//! The data of a report that is written after the run: what the run left in its directory.

use super::sources::{Sources, Unseen};
use crate::input::read_names;
use crate::model::{Model, Rated, lists_file};
use crate::run::config::Config;
use crate::run::record::Record;
use crate::run::status::Status;
use crate::run::tested::test_of;
use crate::run::{names, residuals};
use crate::stop::Stop;
use crate::{Error, Result};
use std::path::Path;

/// The data that a run left in its directory.
pub(super) struct Kept {
    config: Config,
    finished: Option<(Record, Model)>,
    lists: Option<Model>,
    titles: Option<Vec<Option<String>>>,
    notes: Vec<String>,
}

impl Kept {
    pub(super) fn load(directory: &Path) -> Result<Self> {
        if !directory.join(names::CONFIG).exists() {
            let here = directory.display();
            return Err(Error::Usage(format!("{here}: no run is here, found no {}", names::CONFIG)));
        }
        let config = Config::of_run(directory)?;
        let mut this = Self { config, finished: None, lists: None, titles: None, notes: Vec::new() };
        if directory.join(names::MODEL).exists() && directory.join(names::RECORD).exists() {
            let model = Model::load(directory)?;
            if let Some(path) = &this.config.item_names {
                match read_names(path, &model.items) {
                    Ok(titles) => this.titles = Some(titles),
                    Err(error) => this.notes.push(format!("Items are named by their ids: {error}.")),
                }
            }
            this.lists = lists_file(directory)?.map(Model::load).transpose()?;
            this.finished = Some((Record::load(&directory.join(names::RECORD))?, model));
        }
        Ok(this)
    }

    pub(super) fn sources(&self, directory: &Path, stop: &Stop) -> Result<Sources<'_>> {
        static NOTHING: std::sync::LazyLock<Rated> = std::sync::LazyLock::new(Rated::default);
        let rated = self.finished.as_ref().map_or(&*NOTHING, |(_, model)| &model.rated);
        let mut sources = Sources::new(directory, &self.config, rated)?;
        sources.notes.extend_from_slice(&self.notes);
        if directory.join(names::STATUS).exists() {
            sources.status = Some(Status::load(directory)?);
        }
        if let Some((record, model)) = &self.finished {
            (sources.record, sources.model) = (Some(record), Some(model));
            (sources.lists, sources.titles) = (self.lists.as_ref(), self.titles.as_deref());
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
        if model.is_of_lists() {
            return Ok(None);
        }
        if let Some(test) = test_of(directory, &self.config, stop)? {
            return Ok(Some(Unseen::test(model, &test)));
        }
        let path = directory.join(names::HELD_OUT);
        if !path.exists() {
            return Ok(None);
        }
        Ok(Unseen::held_out(residuals::read(&path, model)?, record.report.refit_epochs.is_some()))
    }
}
