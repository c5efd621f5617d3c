//! The page of a comparison: what is better, each metric side by side, the differences with their intervals,
//! and what the runs are.

use super::cells::{NONE, error, estimate};
use super::differences;
use super::frame::Frame;
use super::section::Section;
use super::text;
use crate::Result;
use crate::charts::{Axis, Figure, Range, Ranges, Row, Table, figures};
use crate::eval::{BaselineKind, Compared, Comparison, Difference, Estimate, Measure, Verdict};
use crate::files::Sink;
use crate::human::{thousands, time};
use crate::run::now::now;
use crate::run::record::Record;
use maud::{Markup, html};

/// Writes the page of a comparison. There is a record for each model, where one is known.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write); [`Error::Stopped`](crate::Error::Stopped) if the sink is told to stop.
pub fn write_comparison(found: &Comparison, records: &[Option<Record>], mut sink: Sink) -> Result<()> {
    let sections = [Some(values(found)), differences::section(found), runs(found, records)];
    let names: Vec<String> = found.names.iter().map(|name| text::name(name.as_bytes())).collect();
    let frame = Frame {
        title: &names.join(", "),
        header: header(found, &names),
        notes: html! {},
        sections: sections.into_iter().flatten().collect(),
        written: &text::date(&now()),
    };
    sink.put(frame.page().into_string().as_bytes())?;
    sink.commit()
}

fn header(found: &Comparison, names: &[String]) -> Markup {
    html! {
        header {
            p.kind { "mfgpu comparison" }
            h1 { @for (n, name) in names.iter().enumerate() { @if n > 0 { ", " } bdi { (name) } } }
            p.about {
                (thousands(found.ratings)) " test ratings of " (thousands(found.users)) " users, the same for all"
                @if found.left_out > 0 {
                    "; " (thousands(found.left_out)) " more are left out, of pairs that one of the models was trained on"
                }
            }
            @for metric in found.main() {
                @for (name, difference) in names.iter().zip(&metric.differences) {
                    @if let (Some(difference), Some(first)) = (difference, metric.first()) {
                        (told(found, metric, (name, &names[first]), difference))
                    }
                }
            }
        }
    }
}

/// What a difference says, in a sentence.
fn told(
    found: &Comparison,
    metric: &Compared,
    (name, first): (&str, &str),
    difference: &Difference,
) -> Markup {
    let (class, what) = match difference.verdict {
        Some(Verdict::Better) => ("verdict good", "is better than"),
        Some(Verdict::Worse) => ("verdict bad", "is worse than"),
        Some(Verdict::Same) | None => ("verdict", "differs from"),
    };
    html! {
        p class=(class) {
            @if difference.verdict == Some(Verdict::Same) {
                "No difference between " bdi { (name) } " and " bdi { (first) } " that " (thousands(found.resamples as u64))
                " resamples of the users can tell: "
            } @else {
                bdi { (name) } " " (what) " " bdi { (first) } ": "
            }
            (metric.name()) " " (signed(difference)) "."
        }
    }
}

/// `+0.0120 [+0.0080, +0.0160]`.
fn signed(Difference { value, interval, .. }: &Difference) -> String {
    match interval {
        Some([low, high]) => format!("{value:+.4} [{low:+.4}, {high:+.4}]"),
        None => format!("{value:+.4}"),
    }
}

/// Every metric of every model, and of baselines.
fn values(found: &Comparison) -> Section {
    let charts: Vec<Figure> = found.main().map(|metric| chart(found, metric)).collect();
    let all = [BaselineKind::Biases, BaselineKind::Mean, BaselineKind::MostRated];
    let of = |metric: &Compared, kind| metric.baselines.iter().find(|baseline| baseline.of == kind).copied();
    let has = |kind: &BaselineKind| found.metrics.iter().any(|metric| of(metric, *kind).is_some());
    let kinds: Vec<BaselineKind> = all.into_iter().filter(has).collect();
    let mut table = Table { header: vec![String::new()], rows: Vec::new() };
    table.header.extend(found.names.iter().map(|name| text::name(name.as_bytes())));
    table.header.extend(kinds.iter().map(|kind| kind.name().to_owned()));
    for metric in &found.metrics {
        let models = metric.models.iter().copied();
        let baselines = kinds.iter().map(|&kind| of(metric, kind).map(|baseline| baseline.estimate));
        let cell = |value: Option<Estimate>| value.map_or_else(|| NONE.into(), estimate);
        table.rows.push([metric.name()].into_iter().chain(models.chain(baselines).map(cell)).collect());
    }
    let content = html! {
        (figures(&charts))
        h3 { "All metrics" }
        p {
            @if found.resamples > 0 {
                "Intervals hold 95 % of " (thousands(found.resamples as u64)) " resamples of the users. "
            }
            @if found.list_users > 0 {
                "Lists: " (thousands(found.list_users)) " users, with " (thousands(found.relevant)) " relevant test ratings"
                @if let Some(from) = found.relevant_from { " (from " (format!("{from:.2}")) " up)" }
                ". "
            }
            "Baselines are of the training ratings of " bdi { (text::name(found.names[0].as_bytes())) } "."
        }
        (table)
    };
    Section::new("values", "Side by side", content)
}

fn chart(found: &Comparison, metric: &Compared) -> Figure {
    let row = |name: String, class, Estimate { value, interval }: Estimate| Row {
        name,
        ranges: vec![Range { class, value, interval }],
    };
    let models = found.names.iter().zip(&metric.models);
    let models = models.filter_map(|(name, model)| Some(row(text::name(name.as_bytes()), "s0", (*model)?)));
    let baselines =
        metric.baselines.iter().map(|baseline| row(baseline.of.name().into(), "s1", baseline.estimate));
    let rows: Vec<Row> = models.chain(baselines).collect();
    let mut table = Table::new(["", "value", "low", "high"]);
    for Row { name, ranges } in &rows {
        let [low, high] = ranges[0].interval.unwrap_or([f64::NAN; 2]).map(error);
        table.row([name.clone(), error(ranges[0].value), low, high]);
    }
    let is_error = matches!(metric.metric, Measure::Error(_));
    let label = if is_error { "smaller is better" } else { "larger is better" };
    Figure {
        id: if is_error { "errors" } else { "lists" }.into(),
        title: metric.name(),
        description: format!("{} of the models, and of baselines; {label}.", metric.name()),
        drawing: Ranges { x: Axis::numbers(label, Row::ends(&rows)), rows, names: Vec::new(), signed: false }
            .draw(),
        table,
    }
}

/// What the runs are.
fn runs(found: &Comparison, records: &[Option<Record>]) -> Option<Section> {
    let mut table =
        Table::new(["", "algorithm", "factors", "for lists", "epochs", "training", "ratings", "began"]);
    let dash = || NONE.to_owned();
    for (name, record) in found.names.iter().zip(records) {
        let name = text::name(name.as_bytes());
        let Some(record) = record else {
            table.row([name, dash(), dash(), dash(), dash(), dash(), dash(), dash()]);
            continue;
        };
        let Record { report, settings, sizes, began, .. } = record;
        let seconds = report.train_seconds + report.lists.as_ref().map_or(0.0, |lists| lists.train_seconds);
        let lists = report.lists.as_ref().map_or_else(dash, |lists| lists.settings.factors().to_string());
        table.row([
            name,
            settings.algorithm.name().into(),
            sizes.factors.to_string(),
            lists,
            report.search_epochs.to_string(),
            time(seconds),
            thousands(sizes.ratings),
            text::date(began),
        ]);
    }
    records.iter().any(Option::is_some).then(|| Section::new("runs", "The runs", html! { (table) }))
}
