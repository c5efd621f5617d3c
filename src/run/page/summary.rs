//! The top of the page: the name and state of the run, its results, and what is to be told of it.

use super::Sources;
use super::text;
use super::tiles::{Tile, class, tiles};
use super::verdict::{Sentence, verdict};
use crate::human::thousands;
use crate::run::overlap::{Shared, With};
use crate::run::record::Record;
use crate::run::status::State;
use crate::train::Rescaled;
use maud::{Markup, html};

/// The title, the state and the tiles.
pub(super) fn header(sources: &Sources) -> Markup {
    let status = sources.status.as_ref();
    let state = match (sources.model, status) {
        (Some(_), _) => State::Finished.name(),
        (None, Some(status)) => status.state.name(),
        (None, None) => "unfinished",
    };
    let began = sources.record.map(|record| &record.began).or(status.map(|status| &status.began));
    let device = sources.record.map(|record| &record.device).or(status.map(|status| &status.device));
    html! {
        header {
            p.kind { "mfgpu training report" }
            h1 { bdi { (sources.name) } " " span class=(format!("state {state}")) { (state) } }
            p.about {
                @if let Some(began) = began { time datetime=(began) { (text::date(began)) } }
                @if let Some(device) = device { " · " (short(device)) }
            }
            @if let Some(why) = status.and_then(|status| status.why.as_ref()).filter(|_| sources.model.is_none()) {
                p.warning { (why) }
            }
            @for Sentence { text, is_better } in &verdict(sources) {
                p class=(format!("verdict {}", class(*is_better).unwrap_or_default())) { (text) }
            }
            dl.tiles {
                @for Tile { name, value, note, is_better } in &tiles(sources) {
                    div class=[class(*is_better)] { dt { (name) } dd { strong { (value) } @if !note.is_empty() { " " small { (note) } } } }
                }
            }
        }
    }
}

/// The device without the reason for it, which stands further below.
fn short(device: &str) -> String {
    let (short, _) = device.split_once(" (").unwrap_or((device, ""));
    text::name(short.as_bytes())
}

/// What is missing, and how to resume the run.
pub(super) fn notes(sources: &Sources) -> Markup {
    let unfinished = match (sources.model, sources.status.as_ref().map(|status| status.state)) {
        (Some(_), _) => None,
        (None, Some(State::Reading | State::Training | State::Writing)) => Some(
            "This run is on its way. The page shows how far it was when it was written; `mfgpu report` writes it anew.",
        ),
        (None, _) => {
            Some("This run has not come to its end; `mfgpu resume` goes on with it. There is no model yet.")
        }
    };
    let unmeasured = "No ratings were set aside: nothing here says how good the model is on what it has not seen. Train with \
                      --test 0.1 to know.";
    let measured = sources.unseen.is_some()
        || sources.record.is_some_and(|Record { report, .. }| {
            report.evaluation.is_some() || report.held_out_lists().is_some()
        });
    let unmeasured = (sources.model.is_some() && !measured && sources.notes.is_empty()).then_some(unmeasured);
    let unrated =
        "The model keeps no ratings (--keep-ratings off), so what is made of them cannot be shown any more.";
    let unrated = (sources.model.is_some() && !sources.rated.is_kept()).then_some(unrated);
    let told = sources.record.map_or_else(Vec::new, told);
    let notes: Vec<&str> = told
        .iter()
        .chain(&sources.notes)
        .map(String::as_str)
        .chain(unfinished)
        .chain(unmeasured)
        .chain(unrated)
        .collect();
    html! {
        @if !notes.is_empty() { ul.notes { @for note in notes { li { (note) } } } }
    }
}

/// What a record has to tell of its test and of its start.
fn told(record: &Record) -> Vec<String> {
    let shared = |Shared { setting, of, ratings, with, dropped }: &Shared| {
        let (what, fate) = match (with, dropped) {
            (With::Test, _) => {
                ("the test", "it helped to decide when to stop, and errors on it are a little too low.")
            }
            (With::Training, true) => ("the training ratings", "these pairs were left out of training."),
            (With::Training, false) => (
                "the training ratings",
                "errors on them are too low. Train with --test-overlap drop to leave these pairs out.",
            ),
        };
        let (ratings, of) = (thousands(*ratings), thousands(*of));
        format!("{ratings} of the {of} ratings of --{setting} are of pairs in {what}: {fate}")
    };
    let rescaled = |Rescaled { from, to }: Rescaled| {
        format!(
            "The ratings are {to}, those of the model that training began from were {from}: its predictions were \
             brought to the new scale."
        )
    };
    let begun = record.init_from.as_ref().and_then(|begun| begun.rescaled);
    record.shared.iter().map(shared).chain(begun.map(rescaled)).collect()
}
