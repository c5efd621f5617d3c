//! Dense numbers of ids, while files are read.

pub(super) mod dictionary;
pub(super) mod known;
mod table;
