//! Formats evaluations for people and programs.

use crate::show::table::table;
use crate::show::talk::count;
use mfgpu::Result;
use mfgpu::eval::{Estimate, Evaluation, Metric, Ranking, RankingMetric, Rating};
use mfgpu::output::{Column, Field, Kind, Table};

/// Formats an evaluation as a table with one number per row.
pub(crate) fn save(evaluation: &Evaluation, mut table: Box<dyn Table>) -> Result<()> {
    let double = |name| Column::new(name, Kind::Double);
    table.header(&[
        Column::bytes("metric"),
        Column::count("cutoff").optional(),
        Column::bytes("of"),
        double("value"),
        double("low").optional(),
        double("high").optional(),
    ])?;
    let mut add = |name: &str, cutoff: Option<usize>, of: &str, estimate: Estimate| {
        let name = plain(name);
        let cutoff = cutoff.map_or(Field::Missing, |cutoff| Field::Count(cutoff as u64));
        let ends = estimate.interval.map_or([Field::Missing; 2], |ends| ends.map(Field::Double));
        let [name, of] = [&name, of].map(|text| Field::Bytes(text.as_bytes()));
        table.row(&[name, cutoff, of, Field::Double(estimate.value), ends[0], ends[1]])
    };
    let errors = evaluation.rating.iter().flat_map(|found| [("RMSE", &found.rmse), ("MAE", &found.mae)]);
    for (name, metric) in errors {
        for (of, estimate) in [("model", metric.model), ("biases", metric.biases), ("mean", metric.mean)] {
            add(name, None, of, estimate)?;
        }
    }
    for found in evaluation.ranking.iter().flat_map(|ranking| &ranking.metrics) {
        for (of, estimate) in [("model", found.model), ("most_rated", found.most_rated)] {
            add(found.metric.name(), Some(found.cutoff), of, estimate)?;
        }
    }
    table.finish()
}

/// A name for programs, the same as in JSON.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(' ', "_")
}

/// One line with the errors and some list metrics.
pub(crate) fn in_a_line(evaluation: &Evaluation) -> String {
    let errors = evaluation.rating.as_ref().map_or(String::new(), |Rating { rmse, mae, .. }| {
        format!("rmse={:.4} mae={:.4} ", rmse.model.value, mae.model.value)
    });
    let lists = some_lists(evaluation.lists(), |found| format!("{:.4}", found.model.value));
    format!("{errors}{lists}").trim_end().to_owned()
}

/// `precision@10=.1234`, recall and NDCG at each cutoff.
pub(crate) fn some_lists<Number>(
    metrics: &[RankingMetric<Number>],
    show: impl Fn(&RankingMetric<Number>) -> String,
) -> String {
    let told = |found: &&RankingMetric<Number>| {
        [Metric::Precision, Metric::Recall, Metric::Ndcg].contains(&found.metric)
    };
    let words = metrics
        .iter()
        .filter(told)
        .map(|found| format!("{}@{}={}", plain(found.metric.name()), found.cutoff, show(found)));
    words.collect::<Vec<String>>().join(" ")
}

/// What to say where lists are worse than the most rated items. `for_lists` is whether a model was trained
/// for them.
pub(crate) fn warning(evaluation: &Evaluation, for_lists: bool) -> Option<String> {
    let RankingMetric { metric, cutoff, model, most_rated } = evaluation.worse_than_popular()?;
    let advice = if for_lists { "" } else { "; --objective both trains a model of lists, too" };
    Some(format!(
        "warning: lists are worse than a sort by popularity: {}@{cutoff}={:.4} \
         (most rated items: {:.4}){advice}",
        plain(metric.name()),
        model.value,
        most_rated.value
    ))
}

/// Formats an evaluation as tables.
pub(crate) fn text(evaluation: &Evaluation) -> String {
    let mut about = Vec::new();
    let mut add = |name: &str, text: String| about.push([name.to_owned(), text]);
    if let Some(found) = &evaluation.rating {
        let Rating { unknown_users, unknown_items, trained_on, .. } = *found;
        add("test", of_rating(found));
        let (users, items) = (rating(unknown_users), rating(unknown_items));
        add("untrained", format!("{users} of users, {items} of items without training ratings"));
        if trained_on > 0 {
            add("trained on", format!("{} of pairs in the training ratings", rating(trained_on)));
        }
    }
    if let Some(ranking) = &evaluation.ranking {
        add("relevant", of_ranking(ranking));
    }
    let has_interval = |found: &Rating| found.rmse.model.interval.is_some();
    let list_interval = evaluation.lists().first().is_some_and(|found| found.model.interval.is_some());
    if evaluation.rating.as_ref().map_or(list_interval, has_interval) {
        let resamples = count(evaluation.resamples as u64, "resample");
        add("intervals", format!("95 %, {resamples} of the users, seed {}", evaluation.seed));
    }
    let mut parts = vec![table(&about)];
    parts.extend(evaluation.rating.as_ref().map(|found| table(&ratings(found))));
    if let Some(ranking) = evaluation.ranking.as_ref().filter(|ranking| !ranking.metrics.is_empty()) {
        parts.push(table(&rankings(ranking)));
    }
    parts.join("\n")
}

fn rating(number: u64) -> String {
    count(number, "rating")
}

fn of_rating(found: &Rating) -> String {
    let (users, items) = (count(found.users, "user"), count(found.items, "item"));
    format!("{}, {users}, {items}", rating(found.ratings))
}

fn of_ranking(found: &Ranking) -> String {
    let from = match (found.relevant_from, found.relevance.as_str()) {
        (None, _) => "whatever was rated".to_owned(),
        (Some(from), "mean") => format!("ratings from {from:.2}, the mean of the training ratings"),
        (Some(from), _) => format!("ratings from {from}"),
    };
    let (found_in, users) = (rating(found.relevant), count(found.users, "user"));
    let lost = match found.out_of_reach {
        0 => String::new(),
        lost => format!(", {lost} of items that the model does not know"),
    };
    format!("{from}: {found_in} of {users}{lost}")
}

fn ratings(found: &Rating) -> Vec<[String; 4]> {
    let mut rows = vec![["ratings", "model", "user and item biases", "mean"].map(str::to_owned)];
    for (name, metric) in [("RMSE", &found.rmse), ("MAE", &found.mae)] {
        rows.push([name.to_owned(), cell(metric.model), cell(metric.biases), cell(metric.mean)]);
    }
    rows
}

fn rankings(found: &Ranking) -> Vec<[String; 3]> {
    let mut rows = vec![["lists", "model", "most rated items"].map(str::to_owned)];
    for metric in &found.metrics {
        let name = format!("{}@{}", metric.metric.name(), metric.cutoff);
        rows.push([name, cell(metric.model), cell(metric.most_rated)]);
    }
    rows
}

/// `0.8412 [0.8390, 0.8431]`.
fn cell(Estimate { value, interval }: Estimate) -> String {
    match interval {
        Some([low, high]) => format!("{value:.4} [{low:.4}, {high:.4}]"),
        None => format!("{value:.4}"),
    }
}
