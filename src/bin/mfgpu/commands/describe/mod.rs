//! `mfgpu describe`.

mod axes;
mod description;
mod model;
mod ratings;
mod run;

use crate::flags::input::InputArguments;
use crate::flags::paths::{Content, Reads, plain, reads};
use crate::show::json::json_text;
use crate::show::table::table;
use crate::signals;
use axes::AxesArguments;
use clap::{Args, ValueHint::AnyPath};
use description::Description;
use mfgpu::files::File;
use mfgpu::model::FILE_NAME;
use mfgpu::run::names;
use mfgpu::{Error, Result};
use std::io::Read;
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  mfgpu describe ratings.csv
  mfgpu describe year=*/part-*.parquet --json
  mfgpu describe runs/20260101-120000-ratings --axes 20
  mfgpu describe model.safetensors --item-names titles.csv";

/// Say what is in files of ratings, a model, or a run
///
/// Of ratings: counts, scale, density, quantiles of how many ratings users and items have, and what a model
/// takes in place of the matrix. Of a model: settings, sizes, metrics, and what users differ by most, with
/// the items at both ends. Of a run: how it stands, and its model.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Describe {
    /// Files or a directory of ratings, a model.safetensors, or a run directory
    #[arg(required = true, value_parser = reads(Content::Any), value_hint = AnyPath)]
    what: Vec<Reads>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    axes: AxesArguments,
    #[command(flatten)]
    input: InputArguments,
}

impl Describe {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let mut about = self.describe()?;
        let text = if self.json {
            about.parts.shift_insert(0, "kind".into(), about.kind.into());
            json_text(&about.parts)?
        } else {
            table(&about.lines) + &about.below
        };
        let mut out = signals::sink("-")?;
        out.put(text.as_bytes())?;
        out.commit()
    }

    fn describe(&self) -> Result<Description> {
        if let [what] = &self.what[..] {
            let is_run = |name: &&str| what.join(name).exists();
            if [names::RECORD, names::STATUS, names::CONFIG].iter().any(is_run) {
                return run::describe(what, &self.axes);
            }
            if what.join(FILE_NAME).exists() || is_model(what)? {
                return model::describe(what, &self.axes);
            }
        }
        ratings::describe(&plain(&self.what), &self.input.options())
    }
}

/// A safetensors file starts with the length of its header, then the header, which is JSON.
fn is_model(path: &Path) -> Result<bool> {
    if path.as_os_str() == "-" || path.is_dir() {
        return Ok(false);
    }
    let mut start = Vec::new();
    File::open(path).and_then(|file| file.take(9).read_to_end(&mut start)).map_err(Error::read(path))?;
    let named = path.extension().is_some_and(|extension| extension == "safetensors");
    Ok(named || (start.len() == 9 && start[8] == b'{' && start[7] == 0))
}
