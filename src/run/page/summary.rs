//! The top of the page: the name and state of the run, and its results in a few numbers.

use super::Sources;
use super::cells::{criterion, error, of_length};
use super::text;
use super::verdict::verdict;
use crate::eval::{Estimate, Evaluation};
use crate::human::{size, thousands, time};
use crate::run::plan::Plan;
use crate::run::record::Record;
use crate::run::status::State;
use crate::train::Score;
use maud::{Markup, html};

/// One number of the summary.
struct Tile {
    name: String,
    value: String,
    note: String,
}

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
                @if let Some(began) = began { "Began " time { (text::name(began.as_bytes())) } }
                @if let Some(device) = device { " · " (text::name(device.as_bytes())) }
            }
            @if let Some(why) = status.and_then(|status| status.why.as_ref()).filter(|_| sources.model.is_none()) {
                p.warning { (why) }
            }
            @if let Some(verdict) = verdict(sources) { p.verdict { (verdict) } }
            dl.tiles {
                @for Tile { name, value, note } in &tiles(sources) {
                    div { dt { (name) } dd { strong { (value) } @if !note.is_empty() { " " small { (note) } } } }
                }
            }
        }
    }
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
    let notes: Vec<&str> =
        sources.notes.iter().map(String::as_str).chain(unfinished).chain(unmeasured).chain(unrated).collect();
    html! {
        @if !notes.is_empty() { ul.notes { @for note in notes { li { (note) } } } }
    }
}

fn tiles(sources: &Sources) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let mut add =
        |name: &str, value: String, note: String| tiles.push(Tile { name: name.into(), value, note });
    if let Some(Record { report, sizes, .. }) = sources.record {
        let tested = report.evaluation.as_ref();
        if let Some(rating) = tested.and_then(|evaluation| evaluation.rating.as_ref()) {
            let found = rating.rmse.model;
            add("Test RMSE", error(found.value), interval(found).unwrap_or_default());
        }
        let lists = tested.and_then(Evaluation::ndcg);
        if let Some(found) = lists {
            let popular = format!("most rated items: {}", error(found.most_rated.value));
            let note =
                interval(found.model).map_or(popular.clone(), |interval| format!("{popular}; {interval}"));
            add(&of_length(found.metric, found.cutoff), error(found.model.value), note);
        }
        if let Some(folds) = &report.folds
            && let Some(rmse) = &folds.rmse
        {
            let (mean, sd) = (rmse.model.mean, rmse.model.sd);
            add("RMSE over folds", error(mean), format!("sd {sd:.4} over {} folds", folds.folds.len()));
        }
        if let Some(rmse) = report.held_out_rmse {
            add("Held-out RMSE", error(rmse), format!("epoch {}", report.best_epoch));
        }
        if let Some((score, epoch)) = report.held_out_lists().filter(|_| lists.is_none()) {
            let name = format!("Held-out {}", criterion(score.criterion));
            add(&name, error(score.value), format!("lists, epoch {epoch}"));
        }
        let Plan { ratings, users, items, matrix_bytes, factor_bytes, factors, .. } = *sizes;
        add(
            "Ratings",
            thousands(ratings),
            format!("{:.2} % of all cells", 100.0 * ratings as f64 / (users * items).max(1) as f64),
        );
        add(
            "Users × items",
            format!("{} × {}", thousands(users), thousands(items)),
            format!("{factors} factors each"),
        );
        add("Training", time(report.train_seconds), speed(sources));
        add("Factors", size(factor_bytes), format!("the full matrix: {}", size(matrix_bytes)));
    } else if let Some(status) = &sources.status {
        if let Some(phase) = &status.phase {
            add("Phase", phase.clone(), format!("epoch {} of {}", status.epoch, status.epochs));
        }
        if let Some(Score { criterion, value }) = status.best_held_out {
            let name = self::criterion(criterion);
            add("Held out so far", error(value), format!("{name}, the best of the phase"));
        }
        if let Some(eta) = status.eta_seconds {
            add("The phase takes", time(eta), "more at most".into());
        }
    }
    tiles
}

/// A 95 % interval, in words.
fn interval(Estimate { interval, .. }: Estimate) -> Option<String> {
    interval.map(|[low, high]| format!("{low:.4} to {high:.4} with 95 %"))
}

/// The median speed of the epochs of the main model.
fn speed(sources: &Sources) -> String {
    let lists = sources.list_curves.as_ref().filter(|_| sources.for_ratings().is_none());
    let curves = lists.unwrap_or(&sources.curves);
    let epochs = curves.search.epochs.iter().chain(&curves.refit.epochs);
    let mut speeds: Vec<f64> = epochs.map(|epoch| epoch.ratings_per_second).collect();
    speeds.sort_by(f64::total_cmp);
    speeds
        .get(speeds.len() / 2)
        .map_or(String::new(), |speed| format!("{:.1} M ratings a second", speed / 1e6))
}
