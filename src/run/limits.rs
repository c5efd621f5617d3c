//! How often a run writes checkpoints, and how long it may take, in the notation of settings: `10m`, `5
//! epochs`, `7h30m`.

use crate::{Error, Result};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How often a checkpoint is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Every {
    /// Each time this much time has passed.
    Time(Duration),
    /// After this many epochs.
    Epochs(usize),
    /// Only when the run is stopped.
    Off,
}

impl Default for Every {
    fn default() -> Self {
        Self::Time(Duration::from_secs(600))
    }
}

impl FromStr for Every {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || Error::Usage(format!("found `{text}`, expected a time such as 10m, `5 epochs`, or off"));
        if text == "off" {
            return Ok(Self::Off);
        }
        let Some(count) = text.strip_suffix("epochs").or(text.strip_suffix("epoch")) else {
            return text.parse().map(|Limit(time)| Self::Time(time)).map_err(|_| wrong());
        };
        let count = count.trim().parse().ok().filter(|&count| count > 0);
        count.map(Self::Epochs).ok_or_else(wrong)
    }
}

impl fmt::Display for Every {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => Limit(*time).fmt(formatter),
            Self::Epochs(1) => formatter.write_str("1 epoch"),
            Self::Epochs(count) => write!(formatter, "{count} epochs"),
            Self::Off => formatter.write_str("off"),
        }
    }
}

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit(pub Duration);

impl FromStr for Limit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let time = text.parse::<SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
        time.filter(|time| !time.is_zero())
            .map(Self)
            .ok_or_else(|| Error::Usage(format!("found `{text}`, expected a time such as 90s, 10m or 7h30m")))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Any span that was parsed can be formatted.
        let time = SignedDuration::try_from(self.0).unwrap_or(SignedDuration::MAX);
        write!(formatter, "{time:#}")
    }
}

macro_rules! as_text {
    ($kind:ty) => {
        impl TryFrom<String> for $kind {
            type Error = Error;

            fn try_from(text: String) -> Result<Self> {
                text.parse()
            }
        }

        impl From<$kind> for String {
            fn from(value: $kind) -> Self {
                value.to_string()
            }
        }
    };
}

as_text!(Every);
as_text!(Limit);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for text in ["10m", "1 epoch", "5 epochs", "off", "7h 30m", "20s", "500ms"] {
            assert_eq!(text.parse::<Every>().unwrap().to_string(), text);
        }
        assert_eq!("7h30m".parse::<Limit>().unwrap().0, Duration::from_secs(27_000));
        assert_eq!("3epochs".parse::<Every>().unwrap(), Every::Epochs(3));
        for text in ["", "10", "-5m", "0s", "0 epochs", "-1 epochs", "soon", "99999999999999999999h"] {
            assert_eq!(text.parse::<Every>().unwrap_err().exit_code(), 2, "{text}");
        }
    }
}
