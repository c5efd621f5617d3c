//! `report.html`: a run as a single page without network access or scripts. Every string is escaped.

mod accuracy;
mod calibration;
mod cells;
mod epochs;
mod facts;
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
mod verdict;

pub(super) use sources::{Sources, Unseen};

use crate::Result;
use crate::files::Sink;
use crate::stop::Stop;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use section::Section;
use std::path::Path;

/// The style sheet, the only text that is not escaped.
const STYLE: &str = include_str!("style.css");

/// The content security policy: nothing is loaded and no script runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the report of the run in a directory. The run may be finished, stopped, or still running: what is not
/// known yet is left out, and the report says so. The output is opened when the run has been read.
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
        accuracy::section(sources),
        epochs::section(sources),
        predictions::section(sources),
        known::section(sources),
        calibration::section(sources),
        latent::section(sources),
        lists::section(sources),
        items::section(sources),
        Some(facts::settings(sources)),
        Some(facts::reproduce(sources)),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (sources.name) " · mfgpu" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the results" }
                (summary::header(sources))
                nav aria-label="Sections" {
                    ul { @for section in &sections { li { a href=(format!("#{}", section.id)) { (section.heading) } } } }
                }
                main id="main" {
                    (summary::notes(sources))
                    @for Section { id, heading, content } in &sections {
                        section id=(id) aria-labelledby=(format!("{id}-heading")) {
                            h2 id=(format!("{id}-heading")) { (heading) }
                            (content)
                        }
                    }
                }
                footer { p { "Written by mfgpu " (env!("CARGO_PKG_VERSION")) ", " (sources.written) "." } }
            }
        }
    }
}
