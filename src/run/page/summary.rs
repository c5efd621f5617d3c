//! The top of the page: the name and state of the run, and its results in a few numbers.

use super::Sources;
use super::cells::error;
use super::text;
use crate::eval::Rating;
use crate::human::{size, thousands, time};
use crate::run::plan::Plan;
use crate::run::record::Record;
use crate::run::status::State;
use maud::{Markup, html};

/// One number of the summary.
struct Tile {
    name: &'static str,
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
    let unmeasured = (sources.model.is_some() && sources.unseen.is_none() && sources.notes.is_empty())
        .then_some(unmeasured);
    let unrated =
        "The model keeps no ratings (--keep-ratings off), so what is made of them cannot be shown any more.";
    let unrated = (sources.model.is_some() && !sources.rated.is_kept()).then_some(unrated);
    let notes: Vec<&str> =
        sources.notes.iter().map(String::as_str).chain(unfinished).chain(unmeasured).chain(unrated).collect();
    html! {
        @if !notes.is_empty() { ul.notes { @for note in notes { li { (note) } } } }
    }
}

/// The result in one sentence.
fn verdict(sources: &Sources) -> Option<String> {
    let report = &sources.record?.report;
    let (low, high) = sources.model?.range;
    let scale = format!("on a scale from {low} to {high}");
    if let Some(Rating { ratings, rmse, .. }) =
        report.evaluation.as_ref().and_then(|evaluation| evaluation.rating.as_ref())
    {
        let better = 100.0 * (1.0 - rmse.model.value / rmse.biases.value);
        let than = if better >= 0.0 { "less" } else { "more" };
        return Some(format!(
            "On {} ratings that it never saw, the model is off by {:.3} (root mean square, {scale}): {:.1} % {than} than \
             biases of users and items alone, which are off by {:.3}.",
            thousands(*ratings),
            rmse.model.value,
            better.abs(),
            rmse.biases.value
        ));
    }
    let held_out = report.held_out_rmse?;
    Some(format!(
        "On ratings that were held out, the model was off by {held_out:.3} (root mean square, {scale}); who always predicts \
         the mean is off by {:.3}.",
        report.deviation
    ))
}

fn tiles(sources: &Sources) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let mut add = |name, value: String, note: String| tiles.push(Tile { name, value, note });
    if let Some(Record { report, sizes, .. }) = sources.record {
        let tested = report.evaluation.as_ref();
        if let Some(rating) = tested.and_then(|evaluation| evaluation.rating.as_ref()) {
            let found = rating.rmse.model;
            let interval = found
                .interval
                .map_or(String::new(), |[low, high]| format!("{low:.4} to {high:.4} with 95 %"));
            add("Test RMSE", error(found.value), interval);
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
        if let Some(best) = status.best_held_out_rmse {
            add("Held-out RMSE so far", error(best), String::new());
        }
        if let Some(eta) = status.eta_seconds {
            add("The phase takes", time(eta), "more at most".into());
        }
    }
    tiles
}

/// The median speed of the epochs.
fn speed(sources: &Sources) -> String {
    let curves = &sources.curves;
    let epochs = curves.search.epochs.iter().chain(&curves.refit.epochs);
    let mut speeds: Vec<f64> = epochs.map(|epoch| epoch.ratings_per_second).collect();
    speeds.sort_by(f64::total_cmp);
    speeds
        .get(speeds.len() / 2)
        .map_or(String::new(), |speed| format!("{:.1} M ratings a second", speed / 1e6))
}
