//! What people see: lines on stderr, bars, tables. Nothing here decides anything.

pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod metrics;
pub(crate) mod progress;
pub(crate) mod rows_done;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod talk;
