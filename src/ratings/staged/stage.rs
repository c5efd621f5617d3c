//! The ratings of one group of users.

use super::Rows;
use crate::ratings::Sides;

/// The ratings of one group of users, by user and by item.
pub type Stage = Sides<Rows>;
