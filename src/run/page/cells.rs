//! How the page formats numbers and items.

use super::Sources;
use super::text::name;
use crate::eval::{Estimate, Metric};
use crate::ratings::IdMap;
use crate::train::{Criterion, ListMetric};

/// An item's title if it has one, otherwise its id.
pub(super) fn item(sources: &Sources, ids: &IdMap, item: u32) -> String {
    let title = sources.titles.and_then(|titles| titles.get(item as usize)?.as_deref());
    title.map_or_else(|| name(ids.id(item)), |title| name(title.as_bytes()))
}

/// What stands in a table where there is no number.
pub(super) const NONE: &str = "–";

/// Four decimals.
pub(super) fn error(number: f64) -> String {
    if number.is_finite() { format!("{number:.4}") } else { NONE.into() }
}

/// A number with its confidence interval.
pub(super) fn estimate(estimate: Estimate) -> String {
    let value = error(estimate.value);
    estimate.interval.map_or(value.clone(), |[low, high]| format!("{value} [{low:.4}, {high:.4}]"))
}

/// The name of a metric of lists of some length.
pub(super) fn of_length(metric: Metric, length: usize) -> String {
    format!("{}@{length}", metric.name())
}

/// The name of a criterion, as that of the same metric in tables.
pub(super) fn criterion(criterion: Criterion) -> String {
    let (metric, length) = match criterion {
        Criterion::Rmse => return "RMSE".into(),
        Criterion::Lists(metric, length) => (metric, length),
    };
    let metric = match metric {
        ListMetric::Precision => Metric::Precision,
        ListMetric::Recall => Metric::Recall,
        ListMetric::Ndcg => Metric::Ndcg,
        ListMetric::Map => Metric::Map,
        ListMetric::Mrr => Metric::Mrr,
        ListMetric::HitRate => Metric::HitRate,
    };
    of_length(metric, length)
}

/// A fraction as a percentage with one decimal.
pub(super) fn percent(part: f64) -> String {
    if part.is_finite() { format!("{:.1} %", 100.0 * part) } else { NONE.into() }
}

/// A range of counts by its two ends.
pub(super) fn span((from, to): (u32, u32)) -> String {
    if from == to { from.to_string() } else { format!("{from}–{to}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_have_the_names_of_metrics() {
        let names = ListMetric::ALL.map(|metric| criterion(Criterion::Lists(metric, 10)));
        assert_eq!(names, ["precision@10", "recall@10", "NDCG@10", "MAP@10", "MRR@10", "hit rate@10"]);
        assert_eq!(criterion(Criterion::Rmse), "RMSE");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!((span((3, 3)), span((3, 9))), ("3".into(), "3–9".into()));
        assert_eq!((error(f64::NAN), percent(0.9496)), ("–".into(), "95.0 %".into()));
    }
}
