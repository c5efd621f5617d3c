//! Output for people: lines on stderr, progress bars, tables. Nothing in this folder decides anything.

pub(crate) mod aside;
pub(crate) mod bar;
pub(crate) mod begun;
pub(crate) mod compared;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod listing;
pub(crate) mod metrics;
pub(crate) mod numbers;
pub(crate) mod phase;
pub(crate) mod progress;
pub(crate) mod rows_done;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod talk;
pub(crate) mod told;
