//! Values that stand for no rating.

use super::number::number;
use std::cmp::Ordering;

/// The values that stand for no rating: those that `input.missing` names, and those that a file shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::input) struct Missing {
    numbers: Vec<f64>,
    texts: Vec<Vec<u8>>,
}

impl Missing {
    /// These texts; one that spells a number stands for the number in any spelling.
    pub(in crate::input) fn of(texts: &[String]) -> Self {
        let mut missing = Self::default();
        for text in texts {
            match number(text.as_bytes()) {
                Some(number) => missing.numbers.push(number),
                None => missing.texts.push(text.trim_ascii().as_bytes().to_vec()),
            }
        }
        missing
    }

    /// Adds a number.
    pub(in crate::input) fn add(&mut self, number: f64) {
        self.numbers.push(number);
    }

    /// Adds a text that spells no number.
    pub(in crate::input) fn add_text(&mut self, text: &[u8]) {
        self.texts.push(text.trim_ascii().to_vec());
    }

    /// Whether nothing stands for no rating.
    pub(in crate::input) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.texts.is_empty()
    }

    /// Whether a number does.
    pub(in crate::input) fn has(&self, number: f64) -> bool {
        // Equal numbers, and NaN for NaN; 0 and -0 are equal.
        let same = |missing: &f64| {
            missing.partial_cmp(&number).map_or(missing.is_nan() && number.is_nan(), Ordering::is_eq)
        };
        self.numbers.iter().any(same)
    }

    /// Whether a field that spells no number does.
    pub(in crate::input) fn has_text(&self, field: &[u8]) -> bool {
        let field = field.trim_ascii();
        self.texts.iter().any(|missing| missing == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts() {
        let missing = Missing::of(&["-1".into(), "NA".into(), "0.0".into(), "nan".into(), String::new()]);
        assert!(missing.has(-1.0) && missing.has(0.0) && missing.has(f64::NAN) && !missing.has(1.0));
        assert!(missing.has_text(b" NA ") && missing.has_text(b"") && !missing.has_text(b"na"));
        assert!(Missing::default().is_empty() && !missing.is_empty());
    }
}
