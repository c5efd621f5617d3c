//! Flags shared by several commands: structs of clap arguments that override settings.

pub(crate) mod apart;
pub(crate) mod by;
pub(crate) mod colour;
pub(crate) mod evaluation;
pub(crate) mod input;
pub(crate) mod listing;
pub(crate) mod named;
pub(crate) mod names;
pub(crate) mod new;
pub(crate) mod output;
pub(crate) mod over;
pub(crate) mod paths;
pub(crate) mod progress;
pub(crate) mod settings;
pub(crate) mod spread;
pub(crate) mod titles;
pub(crate) mod train;
pub(crate) mod walk;
pub(crate) mod world;
