//! How much device memory may be used: the grammar of the setting `vram`.

use crate::human::size;
use crate::{Error, Result};
use std::{fmt, str::FromStr};

/// An amount of device memory, written `6GiB`, `500MB` or `80%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Budget {
    /// At most this many bytes in all buffers together.
    Bytes(u64),
    /// This percentage of the memory that the driver grants this program.
    Percent(u8),
}

/// Units by their first letter: name, decimal and binary size. A `b` or `ib` that follows is dropped.
const UNITS: [(&str, u64, u64); 5] = [
    ("", 1, 1),
    ("k", 1000, 1 << 10),
    ("m", 1_000_000, 1 << 20),
    ("g", 1_000_000_000, 1 << 30),
    ("t", 1_000_000_000_000, 1 << 40),
];

impl FromStr for Budget {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || Error::Usage(format!("memory `{text}`: expected a size such as 6GiB, or a part such as 80%"));
        let trimmed = text.trim();
        if let Some(percent) = trimmed.strip_suffix('%') {
            let percent = percent.trim().parse().map_err(|_| wrong())?;
            return if (1..=100).contains(&percent) { Ok(Self::Percent(percent)) } else { Err(wrong()) };
        }
        let digits = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(digits);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let unit = unit.trim().to_lowercase();
        let unit = unit.strip_suffix('b').unwrap_or(&unit);
        let (letter, binary) = unit.strip_suffix('i').map_or((unit, false), |letter| (letter, true));
        let known = |(name, ..): &(&str, u64, u64)| *name == letter && !(binary && letter.is_empty());
        let (_, decimal, power) = UNITS.into_iter().find(known).ok_or_else(wrong)?;
        let bytes = number * if binary { power } else { decimal } as f64;
        if bytes >= 1.0 && bytes < u64::MAX as f64 { Ok(Self::Bytes(bytes as u64)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{bytes}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl Budget {
    /// The budget in words, for messages.
    pub fn for_people(self) -> String {
        match self {
            Self::Bytes(bytes) => size(bytes),
            Self::Percent(percent) => format!("{percent}% of the memory"),
        }
    }
}

impl TryFrom<String> for Budget {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Budget> for String {
    fn from(budget: Budget) -> Self {
        budget.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_goes_both_ways() {
        let known = [
            ("6GiB", Budget::Bytes(6 << 30)),
            ("6 gib", Budget::Bytes(6 << 30)),
            ("1.5k", Budget::Bytes(1500)),
            ("500MB", Budget::Bytes(500_000_000)),
            ("123", Budget::Bytes(123)),
            ("80%", Budget::Percent(80)),
        ];
        for (text, budget) in known {
            assert_eq!(text.parse::<Budget>().unwrap(), budget, "{text}");
            assert_eq!(budget.to_string().parse::<Budget>().unwrap(), budget);
        }
        for text in ["", "GiB", "6Gx", "6 i", "-1", "0", "0%", "101%", "1.2.3G", "x%", "1e30T"] {
            assert!(matches!(text.parse::<Budget>(), Err(Error::Usage(_))), "{text}");
        }
    }
}
