//! The flags of commands that show titles of items.

use crate::flags::paths::{Content, Reads, reads};
use clap::{Args, ValueHint::AnyPath};
use mfgpu::Result;
use mfgpu::input::read_names;
use mfgpu::model::Model;
use mfgpu::run::Config;
use std::path::Path;

/// Where titles come from.
#[derive(Debug, Args)]
pub(crate) struct TitleArguments {
    /// Titles of items: a file with ids and titles [default: those that `train` was given]
    #[arg(long, value_name = "FILE", value_parser = reads(Content::File), value_hint = AnyPath)]
    item_names: Option<Reads>,
    /// Leave titles out
    #[arg(long, conflicts_with = "item_names")]
    no_titles: bool,
}

impl TitleArguments {
    /// Gives the model the titles of the named file in place of its own. `path` is where the model was read.
    pub(crate) fn read(&self, path: &Path, model: &mut Model) -> Result<()> {
        if self.no_titles {
            model.titles.clear();
        } else if let Some(file) = &self.item_names {
            model.titles = read_names(file, &model.items)?;
        } else if model.titles.is_empty() {
            // A run of a version that kept no titles names their file, which may be gone.
            let file = Config::of_run(path).ok().and_then(|config| config.item_names);
            model.titles = file.and_then(|file| read_names(&file, &model.items).ok()).unwrap_or_default();
        }
        Ok(())
    }

    /// Whether titles are wanted.
    pub(crate) fn wanted(&self) -> bool {
        !self.no_titles
    }
}
