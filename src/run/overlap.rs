//! The choice about pairs that are trained on and measured by, and how many there were.

use serde::{Deserialize, Serialize};

/// What is done about pairs that are trained on and measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// They are trained on, with a warning.
    #[default]
    Keep,
    /// They are left out of training.
    Drop,
    /// The run ends before it trains.
    Error,
}

impl Overlap {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Drop, Self::Error];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::Error => "error",
        }
    }

    /// Whether this is the default, which files of settings leave out.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The ratings that a file shares pairs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum With {
    /// Those to train on.
    #[default]
    Training,
    /// Those that test the model, where the file decides when to stop.
    Test,
}

/// A file that is measured by, with pairs that are among other ratings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// The setting that names the file: `test` or `valid`.
    pub setting: String,
    /// The number of ratings in the file.
    pub of: u64,
    /// Those of them whose pair is among the other ratings, too.
    pub ratings: u64,
    /// The other ratings.
    #[serde(default)]
    pub with: With,
    /// Whether these pairs are left out of training.
    pub dropped: bool,
}
