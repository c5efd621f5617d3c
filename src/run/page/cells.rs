//! How the page formats numbers and items.

use super::Sources;
use super::text::name;
use crate::eval::Estimate;
use crate::ratings::IdMap;

/// An item's title if it has one, otherwise its id.
pub(super) fn item(sources: &Sources, ids: &IdMap, item: u32) -> String {
    let title = sources.titles.and_then(|titles| titles.get(item as usize)?.as_deref());
    title.map_or_else(|| name(ids.id(item)), |title| name(title.as_bytes()))
}

/// Four decimals.
pub(super) fn error(number: f64) -> String {
    if number.is_finite() { format!("{number:.4}") } else { "–".into() }
}

/// A number with its confidence interval.
pub(super) fn estimate(estimate: Estimate) -> String {
    let value = error(estimate.value);
    estimate.interval.map_or(value.clone(), |[low, high]| format!("{value} [{low:.4}, {high:.4}]"))
}

/// A fraction as a percentage with one decimal.
pub(super) fn percent(part: f64) -> String {
    if part.is_finite() { format!("{:.1} %", 100.0 * part) } else { "–".into() }
}

/// A range of counts by its two ends.
pub(super) fn span((from, to): (u32, u32)) -> String {
    if from == to { from.to_string() } else { format!("{from}–{to}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!((span((3, 3)), span((3, 9))), ("3".into(), "3–9".into()));
        assert_eq!((error(f64::NAN), percent(0.9496)), ("–".into(), "95.0 %".into()));
    }
}
