//! The results of a run in a few numbers, beside baselines.

use super::Sources;
use super::cells::{criterion, error, of_length};
use crate::eval::{Evaluation, RankingMetric, Rating};
use crate::human::{size, thousands, time};
use crate::run::plan::Plan;
use crate::run::record::Record;
use crate::train::Score;
use std::cmp::Ordering;

/// One number of the summary.
pub(super) struct Tile {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) note: String,
    /// Whether it is better or worse than a baseline.
    pub(super) is_better: Option<bool>,
}

/// The class of what is better or worse than a baseline.
pub(super) fn class(is_better: Option<bool>) -> Option<&'static str> {
    is_better.map(|is_better| if is_better { "good" } else { "bad" })
}

/// The tiles of a run, as far as it is.
pub(super) fn tiles(sources: &Sources) -> Vec<Tile> {
    let mut tiles = Vec::new();
    if let Some(Record { report, sizes, .. }) = sources.record {
        let tested = report.evaluation.as_ref();
        let lists = tested.and_then(Evaluation::ndcg);
        if let Some(RankingMetric { metric, cutoff, model, most_rated }) = lists {
            let note = beside(model.value / most_rated.value - 1.0, "most rated items", most_rated.value);
            let is_better = better(model.value, most_rated.value);
            tiles.push(tile(of_length(*metric, *cutoff), error(model.value), note, is_better));
        }
        if let Some((score, epoch)) = report.held_out_lists().filter(|_| lists.is_none()) {
            let name = format!("Held-out {}", criterion(score.criterion));
            tiles.push(tile(name, error(score.value), format!("lists, epoch {epoch}"), None));
        }
        if let Some(Rating { rmse, .. }) = tested.and_then(|evaluation| evaluation.rating.as_ref()) {
            let (model, biases) = (rmse.model.value, rmse.biases.value);
            let note = beside(1.0 - model / biases, "biases alone", biases);
            tiles.push(tile("Test RMSE".into(), error(model), note, better(biases, model)));
        } else if let Some(rmse) = report.held_out_rmse {
            let mean = report.held_out_mean_rmse;
            let note = mean.map(|mean| beside(1.0 - rmse / mean, "always the mean", mean));
            let note = note.unwrap_or_else(|| format!("epoch {}", report.best_epoch));
            let is_better = mean.and_then(|mean| better(mean, rmse));
            tiles.push(tile("Held-out RMSE".into(), error(rmse), note, is_better));
        }
        if let Some(folds) = &report.folds
            && let Some(rmse) = &folds.rmse
        {
            let (mean, sd) = (rmse.model.mean, rmse.model.sd);
            let note = format!("sd {sd:.4} over {} folds", folds.folds.len());
            tiles.push(tile("RMSE over folds".into(), error(mean), note, None));
        }
        let Plan { ratings, users, items, matrix_bytes, factor_bytes, list_factor_bytes, draws, .. } = *sizes;
        let mut add = |name: &str, value, note| tiles.push(tile(name.into(), value, note, None));
        add("Ratings", thousands(ratings), format!("{} users, {} items", thousands(users), thousands(items)));
        let part = 100.0 * ratings as f64 / (users * items).max(1) as f64;
        add("Known cells", format!("{part:.2} %"), format!("the full matrix: {}", size(matrix_bytes)));
        let for_lists = report.lists.as_ref().map_or(0.0, |lists| lists.train_seconds);
        add("Training", time(report.train_seconds + for_lists), speed(sources));
        let note = if draws > 1 { format!("{} draws of {}", draws, factors(sizes)) } else { factors(sizes) };
        add("Factors", size(factor_bytes + list_factor_bytes), note);
    } else if let Some(status) = &sources.status {
        let mut add = |name: &str, value, note| tiles.push(tile(name.into(), value, note, None));
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

fn tile(name: String, value: String, note: String, is_better: Option<bool>) -> Tile {
    Tile { name, value, note, is_better }
}

/// Whether the first number is larger; `None` if they are equal.
fn better(one: f64, other: f64) -> Option<bool> {
    one.partial_cmp(&other).filter(|order| order.is_ne()).map(Ordering::is_gt)
}

/// How much better than a baseline, as a part of it, and the baseline's own number.
fn beside(gain: f64, baseline: &str, value: f64) -> String {
    if !gain.is_finite() || gain == 0.0 {
        return format!("{baseline}: {}", error(value));
    }
    let word = if gain > 0.0 { "better" } else { "worse" };
    format!("{:.1} % {word} than {baseline}, {}", 100.0 * gain.abs(), error(value))
}

/// The numbers of factors.
fn factors(Plan { factors, list_factors, .. }: &Plan) -> String {
    match list_factors {
        0 => format!("{factors} a user and an item"),
        lists => format!("{factors} for ratings, {lists} for lists"),
    }
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
