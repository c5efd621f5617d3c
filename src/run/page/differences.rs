//! The differences of models to the first one, with their intervals.

use super::section::Section;
use super::text::name as shown;
use crate::charts::{Axis, Figure, Range, Ranges, Row, Table, figures};
use crate::eval::{Comparison, Difference, Measure, Verdict};
use maud::html;

/// The differences to the first model, metric by metric.
pub(super) fn section(found: &Comparison) -> Option<Section> {
    let mut charts = Vec::new();
    for (place, name) in found.names.iter().enumerate().skip(1) {
        let name = shown(name.as_bytes());
        charts.extend(difference(found, (place, &name), true));
        charts.extend(difference(found, (place, &name), false));
    }
    let content = html! {
        p {
            "Each resample has the same users for both models. An interval to one side of zero is a difference that other \
            users like these would show, too; one that holds zero is none that this test can tell. It does not cover other \
            splits, seeds or times."
        }
        (figures(&charts))
    };
    (!charts.is_empty()).then(|| Section::new("differences", "Differences", content))
}

/// The differences of a model in errors, or in metrics of lists.
fn difference(found: &Comparison, (place, name): (usize, &str), errors: bool) -> Option<Figure> {
    let mut rows = Vec::new();
    let mut table = Table::new(["", "difference", "low", "high", ""]);
    let mut first = None;
    for metric in found.metrics.iter().filter(|metric| matches!(metric.metric, Measure::Error(_)) == errors) {
        let Some(Difference { value, interval: Some([low, high]), verdict }) = metric.differences[place]
        else {
            continue;
        };
        first = first.or(metric.first());
        let (class, word) = match verdict {
            Some(Verdict::Better) => ("s3", "better"),
            Some(Verdict::Worse) => ("s1", "worse"),
            Some(Verdict::Same) | None => ("s2", "no difference to tell"),
        };
        let signed = |number: f64| format!("{number:+.4}");
        table.row([metric.name(), signed(value), signed(low), signed(high), word.into()]);
        let range = Range { class, value, interval: Some([low, high]) };
        rows.push(Row { name: format!("{}, {word}", metric.name()), ranges: vec![range] });
    }
    let first = shown(found.names[first?].as_bytes());
    let (kind, label) =
        if errors { ("errors", "below zero is better") } else { ("lists", "above zero is better") };
    Some(Figure {
        id: format!("difference-{place}-{kind}").into(),
        title: format!("{name} less {first}, {kind}"),
        description: format!("The {kind} of {name} less those of {first}, with 95 % intervals; {label}."),
        drawing: Ranges {
            x: Axis::numbers(label, Row::ends(&rows).chain([0.0])),
            rows,
            names: Vec::new(),
            signed: true,
        }
        .draw(),
        table,
    })
}
