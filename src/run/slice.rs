//! Ratings that are set aside, in the notation of settings: `0.1`, `last:5`, `after:2001-05-01`, or a file.

use crate::input::moment;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A slice of the ratings that is set aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Slice {
    /// A random fraction of the ratings, at least 0 and less than 1.
    Fraction(f64),
    /// This many of each user's latest ratings; users with no more than that lose none.
    Last(usize),
    /// All ratings from this date or Unix time on.
    After(String),
    /// All ratings of this file.
    File(PathBuf),
}

/// The notation in a file of settings.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(PathBuf),
}

impl From<Slice> for Written {
    fn from(slice: Slice) -> Self {
        match slice {
            Slice::Fraction(fraction) => Self::Number(fraction),
            Slice::File(path) => Self::Text(path),
            Slice::Last(_) | Slice::After(_) => Self::Text(slice.to_string().into()),
        }
    }
}

impl TryFrom<Written> for Slice {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        match written {
            Written::Number(fraction) => Ok(Self::Fraction(fraction)),
            Written::Text(path) => path.to_str().map_or(Ok(Self::File(path.clone())), str::parse),
        }
    }
}

impl FromStr for Slice {
    type Err = Error;

    /// Anything that parses as a number is a fraction; a file with such a name is written `./0.5`.
    fn from_str(text: &str) -> Result<Self> {
        let slice = if let Ok(fraction) = text.parse() {
            Self::Fraction(fraction)
        } else if let Some(count) = text.strip_prefix("last:") {
            let wrong = |_| Error::Usage("expected a number of ratings a user, such as last:5".into());
            Self::Last(count.parse().map_err(wrong)?)
        } else if let Some(date) = text.strip_prefix("after:") {
            Self::After(date.into())
        } else {
            Self::File(text.into())
        };
        match slice.fault() {
            Some(expected) => Err(Error::Usage(format!("expected {expected}"))),
            None => Ok(slice),
        }
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fraction(fraction) => write!(formatter, "{fraction}"),
            Self::Last(count) => write!(formatter, "last:{count}"),
            Self::After(date) => write!(formatter, "after:{date}"),
            Self::File(path) => write!(formatter, "{}", path.display()),
        }
    }
}

impl Slice {
    /// What was expected, if the slice makes no sense.
    fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Fraction(fraction) if !(0.0..1.0).contains(fraction) => {
                Some("a file, last:N, after:DATE, or a fraction from 0 to less than 1")
            }
            Self::Last(0) => Some("at least one rating a user, last:1"),
            Self::After(date) if moment(date.as_bytes()).is_none() => {
                Some("a date such as after:2001-05-01, or seconds since 1970")
            }
            _ => None,
        }
    }

    /// Checks the slice; `setting` is named in the error.
    pub(super) fn check(&self, name: &'static str) -> Result<()> {
        match self.fault() {
            Some(expected) => Err(Error::setting(name, &self, format!("expected {expected}"))),
            None => Ok(()),
        }
    }

    /// The file, if it is one.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }

    /// The fraction, if it is one.
    pub(super) fn fraction(&self) -> Option<f64> {
        match self {
            Self::Fraction(fraction) => Some(*fraction),
            _ => None,
        }
    }

    /// Whether the slice depends on the times of ratings.
    pub(super) fn is_timed(&self) -> bool {
        matches!(self, Self::Last(_) | Self::After(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("0.1", Slice::Fraction(0.1)),
            ("test.csv", Slice::File("test.csv".into())),
            ("./last:5", Slice::File("./last:5".into())),
            ("last:5", Slice::Last(5)),
            ("after:2001-05-01", Slice::After("2001-05-01".into())),
            ("after:978300760", Slice::After("978300760".into())),
        ] {
            let slice: Slice = text.parse().unwrap();
            assert_eq!((&slice, slice.to_string().as_str()), (&expected, text));
        }
        for text in ["1.5", "-1", "nan", "last:", "last:0", "last:x", "last:-2", "after:", "after:soon"] {
            assert_eq!(text.parse::<Slice>().unwrap_err().exit_code(), 2, "{text}");
        }
    }
}
