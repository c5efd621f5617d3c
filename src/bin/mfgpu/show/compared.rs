//! Formats comparisons of models for people.

use crate::show::human::thousands;
use crate::show::table::table;
use crate::show::talk::count;
use mfgpu::Result;
use mfgpu::eval::{Baseline, BaselineKind, Compared, Comparison, Difference, Estimate, Verdict};
use mfgpu::output::{Column, Field, Kind, Table};

/// Formats a comparison as tables, and what they say in a line for each of the main metrics.
pub(crate) fn text(found: &Comparison) -> String {
    let parts =
        [table(&about(found)), table(&values(found)), table(&differences(found)), verdicts(found).join("")];
    parts.join("\n")
}

/// Formats a comparison as a table with one number per row.
pub(crate) fn save(found: &Comparison, mut table: Box<dyn Table>) -> Result<()> {
    let double = |name| Column::new(name, Kind::Double);
    table.header(&[
        Column::bytes("metric"),
        Column::count("cutoff").optional(),
        Column::bytes("of"),
        Column::bytes("kind"),
        double("value"),
        double("low").optional(),
        double("high").optional(),
    ])?;
    for metric in &found.metrics {
        let cutoff = metric.cutoff.map_or(Field::Missing, |cutoff| Field::Count(cutoff as u64));
        let mut add = |of: &str, kind: &str, value, interval: Option<[f64; 2]>| {
            let ends = interval.map_or([Field::Missing; 2], |ends| ends.map(Field::Double));
            let name = plain(metric.metric.name());
            let [name, of, kind] = [&name, of, kind].map(|text| Field::Bytes(text.as_bytes()));
            table.row(&[name, cutoff, of, kind, Field::Double(value), ends[0], ends[1]])
        };
        for (name, (model, difference)) in
            found.names.iter().zip(metric.models.iter().zip(&metric.differences))
        {
            if let Some(Estimate { value, interval }) = *model {
                add(name, "value", value, interval)?;
            }
            if let Some(Difference { value, interval, .. }) = *difference {
                add(name, "difference", value, interval)?;
            }
        }
        for Baseline { of, estimate } in &metric.baselines {
            add(&plain(of.name()), "value", estimate.value, estimate.interval)?;
        }
    }
    table.finish()
}

/// A name for programs.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(' ', "_")
}

fn about(found: &Comparison) -> Vec<[String; 2]> {
    let mut rows = Vec::new();
    let mut add = |name: &str, text: String| rows.push([name.to_owned(), text]);
    add("test", format!("{} of {}", count(found.ratings, "rating"), count(found.users, "user")));
    if found.left_out > 0 {
        let ratings = count(found.left_out, "rating");
        add("left out", format!("{ratings} of pairs that one of the models was trained on"));
    }
    if found.list_users > 0 {
        let from = match (found.relevant_from, found.relevance.as_str()) {
            (None, _) => "whatever was rated".to_owned(),
            (Some(from), "mean") => {
                format!("ratings from {from:.2}, the mean of the training ratings of {}", found.names[0])
            }
            (Some(from), _) => format!("ratings from {from}"),
        };
        let (ratings, users) = (count(found.relevant, "rating"), count(found.list_users, "user"));
        add("relevant", format!("{from}: {ratings} of {users}"));
    }
    if found.resamples > 0 {
        let resamples = count(found.resamples as u64, "resample");
        add("intervals", format!("95 %, {resamples} of the users, the same for all, seed {}", found.seed));
    }
    rows
}

/// A row for each metric: the models, then the baselines.
fn values(found: &Comparison) -> Vec<Vec<String>> {
    let all = [BaselineKind::Biases, BaselineKind::Mean, BaselineKind::MostRated];
    let of = |metric: &Compared, kind| metric.baselines.iter().find(|baseline| baseline.of == kind).copied();
    let kinds: Vec<BaselineKind> = all
        .into_iter()
        .filter(|&kind| found.metrics.iter().any(|metric| of(metric, kind).is_some()))
        .collect();
    let names = found.names.iter().map(String::as_str).chain(kinds.iter().map(|kind| kind.name()));
    let mut rows = vec![header("metric", names)];
    for metric in &found.metrics {
        let models = metric.models.iter().map(|model| model.map(|model| model.value));
        let baselines = kinds.iter().map(|&kind| of(metric, kind).map(|baseline| baseline.estimate.value));
        let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.4}"));
        rows.push([metric.name()].into_iter().chain(models.chain(baselines).map(number)).collect());
    }
    rows
}

/// A row for each metric: the differences of all models but the first.
fn differences(found: &Comparison) -> Vec<Vec<String>> {
    let first = format!("less {}", found.names[0]);
    let mut rows = vec![header(&first, found.names[1..].iter().map(String::as_str))];
    for metric in &found.metrics {
        let cell = |difference: &Option<Difference>| {
            let Some(difference) = difference else { return String::new() };
            let word = match difference.verdict {
                Some(Verdict::Better) => "  better",
                Some(Verdict::Worse) => "  worse",
                Some(Verdict::Same) | None => "",
            };
            format!("{}{word}", signed(difference))
        };
        rows.push([metric.name()].into_iter().chain(metric.differences[1..].iter().map(cell)).collect());
    }
    rows
}

fn header<'a>(first: &'a str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    [first].into_iter().chain(names).map(str::to_owned).collect()
}

/// `+0.0120 [+0.0080, +0.0160]`.
fn signed(Difference { value, interval, .. }: &Difference) -> String {
    match interval {
        Some([low, high]) => format!("{value:+.4} [{low:+.4}, {high:+.4}]"),
        None => format!("{value:+.4}"),
    }
}

/// A line for each of the main metrics and each model but the first.
fn verdicts(found: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    for metric in found.main() {
        let Some(first) = metric.first() else { continue };
        for (name, difference) in found.names.iter().zip(&metric.differences) {
            let Some(difference) = difference else { continue };
            let (metric, first, number) = (metric.name(), &found.names[first], signed(difference));
            lines.push(match difference.verdict {
                Some(Verdict::Better) => format!("{name} is better than {first}: {metric} {number}\n"),
                Some(Verdict::Worse) => format!("{name} is worse than {first}: {metric} {number}\n"),
                Some(Verdict::Same) => format!(
                    "{name} and {first}: no difference that {} resamples can tell: {metric} {number}\n",
                    thousands(found.resamples as u64)
                ),
                None => format!("{name} less {first}: {metric} {number}\n"),
            });
        }
    }
    lines
}
