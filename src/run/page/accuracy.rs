//! The accuracy of the model, next to baselines that need no model.

use super::Sources;
use super::cells::{error, estimate, of_length};
use super::section::Section;
use crate::charts::{Axis, Figure, Range, Ranges, Row, Table, figures};
use crate::eval::{CrossValidation, Estimate, Evaluation, OverFolds, Ranking, Rating};
use crate::human::thousands;
use maud::{Markup, html};

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let report = &sources.record?.report;
    if report.evaluation.is_none() && report.folds.is_none() {
        return None;
    }
    let content = html! {
        @if let Some(evaluation) = &report.evaluation { (tested(evaluation, sources.lists.is_some())) }
        @if let Some(folds) = &report.folds { (over_folds(folds)) }
    };
    Some(Section::new("accuracy", "Accuracy, beside baselines", content))
}

fn tested(evaluation: &Evaluation, has_lists_beside: bool) -> Markup {
    let Evaluation { rating, ranking, resamples, .. } = evaluation;
    let charts: Vec<Figure> =
        [ranking.as_ref().and_then(lists), rating.as_ref().map(rmse)].into_iter().flatten().collect();
    html! {
        @if let Some(rating) = rating { p {
            (thousands(rating.ratings)) " test ratings of " (thousands(rating.users)) " users and " (thousands(rating.items))
            " items; " (thousands(rating.unknown_users)) " of users and " (thousands(rating.unknown_items))
            " of items without training ratings. "
            (intervals(*resamples))
            @if rating.trained_on > 0 {
                strong { " " (thousands(rating.trained_on)) " of them are of pairs that the model was trained on: errors look too small." }
            }
        } }
        (figures(&charts))
        @if let Some(rating) = rating {
            h3 { "Errors of ratings" }
            (errors(rating))
        }
        @if let Some(ranking) = ranking {
            @if !ranking.metrics.is_empty() {
                h3 { "Lists" }
                p {
                    @if has_lists_beside { "Made by the model of lists. " }
                    "Of " (thousands(ranking.users)) " users, with " (thousands(ranking.relevant)) " relevant test ratings"
                    @if let Some(from) = ranking.relevant_from { " (from " (format!("{from:.2}")) " up)" }
                    ", among " (thousands(ranking.catalogue)) " items. "
                    @if rating.is_none() { (intervals(*resamples)) }
                }
                (list_metrics(ranking))
            }
        }
    }
}

/// What intervals are, if there are any.
fn intervals(resamples: usize) -> Markup {
    html! {
        @if resamples > 0 { "Intervals hold 95 % of " (thousands(resamples as u64)) " resamples of the users." }
    }
}

fn rmse(rating: &Rating) -> Figure {
    let found = &rating.rmse;
    let row = |name: &str, class, estimate| Row { name: name.into(), ranges: vec![range(class, estimate)] };
    let rows = vec![
        row("mfgpu", "s0", found.model),
        row("biases of users and items", "s1", found.biases),
        row("always the mean", "s2", found.mean),
    ];
    let mut table = Table::new(["", "RMSE", "low", "high"]);
    for Row { name, ranges } in &rows {
        let [low, high] = ranges[0].interval.unwrap_or([f64::NAN; 2]).map(error);
        table.row([name.clone(), error(ranges[0].value), low, high]);
    }
    let x = Axis::numbers("RMSE in rating units; smaller is better", Row::ends(&rows));
    Figure {
        id: "rmse".into(),
        title: "Root mean square error".into(),
        description: format!(
            "The model {}, biases {}, always the mean {}.",
            error(found.model.value),
            error(found.biases.value),
            error(found.mean.value)
        ),
        drawing: Ranges { x, rows, names: Vec::new(), signed: false }.draw(),
        table,
    }
}

fn range(class: &'static str, Estimate { value, interval }: Estimate) -> Range {
    Range { class, value, interval }
}

/// The list metrics at the largest cutoff, with those of the most rated items in the same row.
fn lists(ranking: &Ranking) -> Option<Figure> {
    let longest = ranking.metrics.iter().map(|metric| metric.cutoff).max()?;
    let chosen: Vec<_> = ranking.metrics.iter().filter(|metric| metric.cutoff == longest).take(3).collect();
    let mut table = Table::new(["", "mfgpu", "most rated items"]);
    let mut rows = Vec::new();
    for metric in &chosen {
        let name = of_length(metric.metric, longest);
        table.row([name.clone(), estimate(metric.model), estimate(metric.most_rated)]);
        rows.push(Row { name, ranges: vec![range("s0", metric.model), range("s1", metric.most_rated)] });
    }
    let x = Axis::numbers("larger is better", Row::ends(&rows).chain([0.0]));
    let names = vec![("s0", "mfgpu".into()), ("s1", "most rated items".into())];
    Some(Figure {
        id: "list-metrics".into(),
        title: format!("Lists of {longest}"),
        description: "Lists over all items that the user had not rated, beside a list of what is rated most."
            .into(),
        drawing: Ranges { x, rows, names, signed: false }.draw(),
        table,
    })
}

fn errors(rating: &Rating) -> Table {
    let mut table = Table::new(["", "mfgpu", "user and item biases", "mean"]);
    for (name, metric) in [("RMSE", &rating.rmse), ("MAE", &rating.mae)] {
        table.row([name.into(), estimate(metric.model), estimate(metric.biases), estimate(metric.mean)]);
    }
    table
}

fn list_metrics(ranking: &Ranking) -> Table {
    let mut table = Table::new(["", "mfgpu", "most rated items"]);
    for metric in &ranking.metrics {
        let name = of_length(metric.metric, metric.cutoff);
        table.row([name, estimate(metric.model), estimate(metric.most_rated)]);
    }
    table
}

fn over_folds(folds: &CrossValidation) -> Markup {
    let of = |OverFolds { mean, sd }: OverFolds| format!("{mean:.4} (sd {sd:.4})");
    let mut table = Table::new(["", "mfgpu", "user and item biases", "mean"]);
    for (name, metric) in [("RMSE", &folds.rmse), ("MAE", &folds.mae)] {
        let Some(metric) = metric else { continue };
        table.row([name.into(), of(metric.model), of(metric.biases), of(metric.mean)]);
    }
    let mut lists = Table::new(["", "mfgpu", "most rated items"]);
    for metric in &folds.ranking {
        let name = of_length(metric.metric, metric.cutoff);
        lists.row([name, of(metric.model), of(metric.most_rated)]);
    }
    html! {
        h3 { "Over " (folds.folds.len()) " folds" }
        p { "All ratings, each measured with a model of the other folds: the mean over folds and its standard deviation." }
        @if !table.rows.is_empty() { (table) }
        @if !lists.rows.is_empty() { (lists) }
    }
}
