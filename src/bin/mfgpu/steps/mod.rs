//! Steps that several commands take.

pub(crate) mod fold_in;
pub(crate) mod ids;
pub(crate) mod listed;
pub(crate) mod models;
pub(crate) mod run;
pub(crate) mod titled;
pub(crate) mod world;
