//! What the fields of a row say: numbers in their spellings, times, values that stand for no rating.

pub(super) mod field;
pub(super) mod missing;
pub(super) mod number;
pub(super) mod spelling;
pub(super) mod time;

use self::missing::Missing;
use self::spelling::Spelling;
use self::time::TimeForm;
use crate::ratings::Feedback;

/// How the fields of one file are read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reading {
    /// What the values stand for.
    pub(super) feedback: Feedback,
    pub(super) spelling: Spelling,
    pub(super) missing: Missing,
    pub(super) times: TimeForm,
}
