//! Numbers and names as the page shows them.

use super::Sources;
use crate::eval::Estimate;
use crate::ratings::IdMap;

/// Names are cut after so many letters.
const LETTERS: usize = 100;

/// A name of any bytes, as text without control characters, and not too long.
pub(super) fn name(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut letters = text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter });
    let mut name: String = letters.by_ref().take(LETTERS).collect();
    if letters.next().is_some() {
        name.push('…');
    }
    name
}

/// An item by its title if it has one, otherwise by its id.
pub(super) fn item(sources: &Sources, ids: &IdMap, item: u32) -> String {
    let title = sources.titles.and_then(|titles| titles.get(item as usize)?.as_deref());
    title.map_or_else(|| name(ids.id(item)), |title| name(title.as_bytes()))
}

/// Four decimals.
pub(super) fn error(number: f64) -> String {
    if number.is_finite() { format!("{number:.4}") } else { "–".into() }
}

/// A number with its interval.
pub(super) fn estimate(estimate: Estimate) -> String {
    let value = error(estimate.value);
    estimate.interval.map_or(value.clone(), |[low, high]| format!("{value} [{low:.4}, {high:.4}]"))
}

/// A part as a percentage with a decimal.
pub(super) fn percent(part: f64) -> String {
    if part.is_finite() { format!("{:.1} %", 100.0 * part) } else { "–".into() }
}

/// Two ends of a range of counts.
pub(super) fn span((from, to): (u32, u32)) -> String {
    if from == to { from.to_string() } else { format!("{from}–{to}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text() {
        assert_eq!(name(b"a\0b\n\xff"), "a\u{fffd}b\u{fffd}\u{fffd}");
        assert_eq!(name("é".repeat(101).as_bytes()), format!("{}…", "é".repeat(100)));
        assert_eq!((span((3, 3)), span((3, 9))), ("3".into(), "3–9".into()));
        assert_eq!((error(f64::NAN), percent(0.9496)), ("–".into(), "95.0 %".into()));
    }
}
