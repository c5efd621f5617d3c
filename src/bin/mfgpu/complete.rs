//! `mfgpu complete`.

use crate::human;
use crate::talk::{count, say};
use crate::users::{chosen, find};
use clap::Args;
use mfgpu::files::Sink;
use mfgpu::model::Model;
use mfgpu::output::{Cells, CsvTable, Table, completed, completed_npy, completed_npy_size, completed_size};
use mfgpu::score::{Noise, needs_draws};
use mfgpu::{Error, Result};
use std::path::PathBuf;

/// Write the completed matrix: every rating that is known, a prediction for every other
///
/// Writes `user,item,value,known[,sd]`, or with `--to NAME.npy` an array of users x items. It is streamed, so memory does
/// not limit it, but disk may: rows and bytes are announced first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mfgpu complete model --to dense.npy\n  mfgpu complete model --blanks-only | head"
)]
pub(crate) struct Complete {
    /// A model.safetensors, or the run directory that holds it
    model: PathBuf,
    /// Leave out what is known
    #[arg(long)]
    blanks_only: bool,
    /// Add the standard deviation of each rating, 0 where it is known; for models of several draws
    #[arg(long)]
    with_sd: bool,
    /// Users: ids, or one file with an id a line [default: all of the model]
    #[arg(long, value_name = "FILE|ID", num_args = 1..)]
    users: Vec<String>,
    /// File to write, .csv or .npy [default: standard output, as csv]
    #[arg(long, short = 'o', value_name = "FILE", default_value = "-", hide_default_value = true)]
    to: PathBuf,
}

impl Complete {
    /// Completes.
    pub(crate) fn run(&self) -> Result<()> {
        let array = self.to.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"));
        if array && self.blanks_only {
            return Err(Error::Usage(
                "--blanks-only needs a table: an array has no blanks to leave out".into(),
            ));
        }
        if array && self.with_sd {
            return Err(Error::Usage(
                "--with-sd needs a table: an array has room for the values alone".into(),
            ));
        }
        let model = Model::load(&self.model)?;
        if self.with_sd {
            needs_draws(&model, Noise::With, "--with-sd")?;
        }
        let ids = chosen(&self.users)?;
        let users = find(&model, ids.as_deref());
        if !model.rated.is_kept() {
            say("note: the model kept no ratings, so every value is a prediction");
        }
        let cells = (if self.blanks_only { Cells::Blanks } else { Cells::All }, self.with_sd);
        let size =
            if array { completed_npy_size(&model, &users) } else { completed_size(&model, &users, cells) };
        say(&format!("writing {}, about {}", count(size.rows, "row"), human::size(size.bytes)));
        let sink = Sink::open(&self.to)?;
        if array {
            return completed_npy(&model, &users, sink, &mut |_| {});
        }
        let mut table = Box::new(CsvTable::new(sink));
        completed(&model, &users, cells, &mut *table, &mut |_| {})?;
        table.finish()
    }
}
