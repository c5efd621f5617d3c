//! `report.html`: a run as a single page without network access or scripts. Every string is escaped.

mod accuracy;
mod calibration;
mod cells;
mod compared;
mod differences;
mod epochs;
mod facts;
mod frame;
mod items;
mod kept;
mod known;
mod latent;
mod lists;
mod predictions;
mod scores;
mod section;
mod sources;
mod summary;
mod text;
mod tiles;
mod verdict;

pub use compared::write_comparison;
pub(super) use sources::{Sources, Unseen};

use crate::Result;
use crate::files::Sink;
use crate::stop::Stop;
use frame::Frame;
use maud::Markup;
use section::Section;
use std::path::Path;

/// Writes the report of the run in a directory. The run may be finished, stopped, or still running: what is
/// not known yet is left out, and the report says so. The output is opened when the run has been read.
///
/// # Errors
/// [`Error::Usage`](crate::Error::Usage) if there is no run; errors of reading its files and of writing;
/// [`Error::Stopped`](crate::Error::Stopped) if `stop` is raised meanwhile.
pub fn write_report<'a>(
    directory: &Path,
    open: impl FnOnce() -> Result<Sink<'a>>,
    stop: &Stop,
) -> Result<()> {
    let kept = kept::Kept::load(directory)?;
    let sources = kept.sources(directory, stop)?;
    write(&sources, open()?.until(stop))
}

/// Writes a page.
pub(super) fn write(sources: &Sources, mut sink: Sink) -> Result<()> {
    sink.put(page(sources).into_string().as_bytes())?;
    sink.commit()
}

fn page(sources: &Sources) -> Markup {
    let sections: Vec<Section> = [
        // What people see of a model comes first, then the numbers.
        lists::section(sources),
        items::section(sources),
        accuracy::section(sources),
        epochs::section(sources),
        predictions::section(sources),
        known::section(sources),
        calibration::section(sources),
        latent::section(sources),
        Some(facts::settings(sources)),
        Some(facts::reproduce(sources)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let frame = Frame {
        title: &sources.name,
        header: summary::header(sources),
        notes: summary::notes(sources),
        sections,
        written: &text::date(&sources.written),
    };
    frame.page()
}
