//! `mfgpu runs`.

use crate::flags::paths::{Content, Reads, reads};
use crate::show::human;
use crate::signals;
use crate::terminal;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::files::entries;
use mfgpu::output::{Column, Field, Table, TableFormat, TableOptions};
use mfgpu::run::{Status, is_next};
use mfgpu::{Error, Result};
use std::path::Path;

/// List the runs of a directory and how they stand
///
/// Writes `run,state,phase,epoch,epochs,best_held_out_rmse,eta,began`. The state is reading, training,
/// writing, finished, stopped, failed, or died; `mfgpu resume` resumes the last three.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mfgpu runs")]
pub(crate) struct Runs {
    /// Where to look
    #[arg(default_value = "runs", value_parser = reads(Content::Runs), value_hint = AnyPath)]
    directory: Reads,
}

impl Runs {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let mut found = Vec::new();
        let inside = |directory: &Path| entries(directory).map_err(Error::read(directory));
        for path in inside(&self.directory)? {
            if let Ok(status) = Status::load(&path) {
                let next = inside(&path).unwrap_or_default().into_iter().filter(|path| is_next(path));
                found.extend(next.filter_map(|path| Some((path.clone(), Status::load(&path).ok()?))));
                found.push((path, status));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let options = TableOptions::default();
        let mut table = terminal::table(TableFormat::Csv, Path::new("-"), options, signals::token())?;
        let names = ["run", "state", "phase", "epoch", "epochs", "best_held_out_rmse", "eta", "began"];
        table.header(&names.map(Column::bytes))?;
        for (path, status) in &found {
            row(&mut *table, path, status)?;
        }
        table.finish()
    }
}

fn row(table: &mut dyn Table, path: &Path, status: &Status) -> Result<()> {
    let text = |text: Option<String>| text.unwrap_or_default();
    let cells = [
        path.display().to_string(),
        status.state.name().into(),
        text(status.phase.clone()),
        status.epoch.to_string(),
        status.epochs.to_string(),
        text(status.best_held_out_rmse.map(|rmse| format!("{rmse:.4}"))),
        text(status.eta_seconds.map(human::time)),
        status.began.clone(),
    ];
    let fields: Vec<Field> = cells.iter().map(|cell| Field::Bytes(cell.as_bytes())).collect();
    table.row(&fields)
}
